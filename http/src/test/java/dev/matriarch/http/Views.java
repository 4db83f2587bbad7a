package dev.matriarch.http;

import dev.matriarch.config.DynamicSettings;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.ha.WritePath.OnDiskFull;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.FailoverLog;
import dev.matriarch.protocol.report.Phase;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.InstanceDetail;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import dev.matriarch.protocol.status.ReplicationRow;
import dev.matriarch.protocol.status.WritePathStatus;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Builds views of a cluster {@code db1* db2 db3} whose leader {@code db1} is at 5000148; time is
 * {@link #NOW}, leases end 3 s later.
 */
final class Views {
  static final NodeId DB1 = new NodeId("db1");
  static final NodeId DB2 = new NodeId("db2");
  static final NodeId DB3 = new NodeId("db3");
  static final Lsn LEADER_LSN = Lsn.parse("0/5000148");
  static final Duration NOW = Duration.ofSeconds(100);
  static final Duration LEASE_END = Duration.ofSeconds(103);
  static final Identity IDENTITY = new Identity("0.1.0", "main", DB2);

  static final DynamicSettings DYNAMIC =
      new DynamicSettings(
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          1_048_576,
          SyncPolicy.ASYNCHRONOUS,
          Duration.ofSeconds(300),
          Duration.ofSeconds(10),
          OnDiskFull.HAND_OVER,
          Duration.ofMinutes(10),
          Duration.ofMinutes(30),
          0,
          false,
          false,
          true,
          true,
          new TreeMap<>(),
          List.of());

  private PgState state = PgState.RUNNING;
  private PgRole role = PgRole.REPLICA;
  private Tags tags = Tags.NONE;
  private Optional<Lsn> received = Optional.of(LEADER_LSN);
  private Optional<Lsn> replayed = Optional.of(LEADER_LSN);
  private Optional<String> replicationState = Optional.of("streaming");
  private InstanceDetail detail = InstanceDetail.NONE;
  private WritePathStatus writePath = WritePathStatus.WELL;
  private boolean holdsLease;
  private Optional<NodeId> leader = Optional.of(DB1);
  private Optional<SyncSet> sync = Optional.empty();
  private Map<String, Object> config = Map.of("ttl", 5, "loop_wait", 1);
  private List<HistoryEntry> history = List.of();
  private boolean hasRecord = true;
  private boolean pause;
  private boolean pendingRestart;
  private NodeId self = DB2;
  private FailoverLog failovers = FailoverLog.EMPTY;
  private Optional<Long> incarnation = Optional.empty();

  /** The view of the streaming replica {@code db2}. */
  static Views replica() {
    return new Views();
  }

  /** The view of {@code db1}, which holds the lease. */
  static Views leader() {
    var views = new Views();
    views.self = DB1;
    views.role = PgRole.PRIMARY;
    views.holdsLease = true;
    views.replicationState = Optional.empty();
    return views;
  }

  Views state(PgState newState) {
    state = newState;
    return this;
  }

  Views role(PgRole newRole) {
    role = newRole;
    return this;
  }

  Views tags(Map<String, Object> values) {
    tags = new Tags(values);
    return this;
  }

  Views received(String lsn) {
    received = Optional.of(Lsn.parse(lsn));
    return this;
  }

  Views replayed(String lsn) {
    replayed = Optional.of(Lsn.parse(lsn));
    return this;
  }

  Views replicationState(String newState) {
    replicationState = Optional.of(newState).filter(text -> !text.isEmpty());
    return this;
  }

  Views detail(InstanceDetail newDetail) {
    detail = newDetail;
    return this;
  }

  Views told(String latestEndLsn) {
    return detail(
        new InstanceDetail(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.of(Lsn.parse(latestEndLsn)),
            List.of()));
  }

  Views holdsLease(boolean holds) {
    holdsLease = holds;
    return this;
  }

  Views leaderless() {
    leader = Optional.empty();
    return this;
  }

  Views sync(Object mode) {
    sync = Optional.of(new SyncSet(Set.of(new Incarnation(DB1, 1), new Incarnation(DB2, 2)), 2));
    config = Map.of("ttl", 5, "synchronous_mode", mode);
    return this;
  }

  /** Commits wait for nobody: the leader is the only member of the set. */
  Views alone(Object mode) {
    sync = Optional.of(new SyncSet(Set.of(new Incarnation(DB1, 1)), 1));
    config = Map.of("ttl", 5, "synchronous_mode", mode);
    return this;
  }

  /** Of this node; the number in the name without. */
  Views incarnation(long number) {
    incarnation = Optional.of(number);
    return this;
  }

  Views config(Map<String, Object> newConfig) {
    config = newConfig;
    return this;
  }

  Views history(List<HistoryEntry> entries) {
    history = entries;
    return this;
  }

  Views failovers(FailoverLog log) {
    failovers = log;
    return this;
  }

  /** The hand-over from db2 to db1. */
  static Failover won(long term) {
    var phases = new TreeMap<Phase, Duration>();
    phases.put(Phase.SUSPECTED, Duration.ofMillis(12));
    phases.put(Phase.WAITED, Duration.ofMillis(50));
    phases.put(Phase.FENCED, Duration.ofMillis(18));
    phases.put(Phase.CHOSEN, Duration.ofMillis(9));
    return new Failover(
            term,
            3,
            Optional.of(DB2),
            DB1,
            true,
            "the leader handed over",
            1,
            phases,
            NOW,
            Failover.State.PROMOTING)
        .reached(Phase.PROMOTED, Failover.State.ATTACHING, NOW.plusMillis(85))
        .reached(Phase.ATTACHED, Failover.State.COMPLETE, NOW.plusMillis(295));
  }

  static FailoverLog log(Failover... won) {
    return new FailoverLog(won.length, List.of(won));
  }

  Views withoutRecord() {
    hasRecord = false;
    return this;
  }

  Views pause() {
    pause = true;
    return this;
  }

  Views pendingRestart() {
    pendingRestart = true;
    return this;
  }

  Views writing(WritePathStatus status) {
    writePath = status;
    return this;
  }

  NodeView view() {
    var status = status(self);
    var members = new TreeMap<NodeId, MemberStatus>();
    members.put(DB1, leaderStatus());
    members.put(DB3, stopped());
    members.put(self, status);
    return new NodeView(
        "main",
        status,
        detail,
        holdsLease,
        holdsLease ? LEASE_END : Duration.ZERO,
        leader,
        members,
        List.of(DB1, DB2, DB3),
        Optional.of(record()).filter(_ -> hasRecord),
        Optional.of(Instant.ofEpochSecond(1_772_360_402)),
        pause,
        NOW.plusSeconds(1),
        "stay",
        writePath,
        failovers);
  }

  Optional<Picture> picture() {
    return pictureAt(NOW);
  }

  Optional<Picture> pictureAt(Duration now) {
    return Optional.of(new Picture(view(), now));
  }

  static ReplicationRow sender(NodeId node) {
    return new ReplicationRow(
        "replicator",
        node.value(),
        Optional.of("10.0.0.2"),
        "streaming",
        "async",
        0,
        Optional.of(LEADER_LSN));
  }

  ClusterRecord record() {
    return new ClusterRecord(
        7,
        leader,
        leader,
        3,
        Electorate.ofUnheard(List.of(DB1, DB2, DB3)),
        Optional.empty(),
        sync,
        history,
        5000,
        Optional.of("7412345678901234567"),
        config);
  }

  private MemberStatus status(NodeId node) {
    var primary = role == PgRole.PRIMARY;
    return member(
        node,
        state,
        role,
        Optional.of(LEADER_LSN).filter(_ -> primary),
        received.filter(_ -> !primary),
        replayed.filter(_ -> !primary),
        replicationState,
        tags);
  }

  private MemberStatus leaderStatus() {
    return member(
        DB1,
        PgState.RUNNING,
        PgRole.PRIMARY,
        Optional.of(LEADER_LSN),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new Tags(Map.of("zone", "a")));
  }

  private MemberStatus stopped() {
    return member(
        DB3,
        PgState.STOPPED,
        PgRole.REPLICA,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Tags.NONE);
  }

  private MemberStatus member(
      NodeId node,
      PgState itsState,
      PgRole itsRole,
      Optional<Lsn> location,
      Optional<Lsn> itsReceived,
      Optional<Lsn> itsReplayed,
      Optional<String> itsReplicationState,
      Tags itsTags) {
    var host = "10.0.0." + node.value().substring(2);
    return new MemberStatus(
        node,
        "0.1.0",
        "http://" + host + ":8008/patroni",
        Optional.of(new Endpoint(host, 5432)),
        itsState,
        itsRole,
        Optional.of(3).filter(_ -> itsState == PgState.RUNNING),
        location,
        itsReceived,
        itsReplayed,
        itsReplicationState,
        Optional.of("7412345678901234567"),
        Optional.of("7412345678901234567"),
        Optional.of(150_012).filter(_ -> itsState == PgState.RUNNING),
        itsTags,
        pendingRestart && node.equals(self),
        pause,
        false,
        "pekko://matriarch@" + host + ":7400#1",
        Set.of("pekko://matriarch@" + host + ":7400#1"),
        incarnation
            .filter(_ -> node.equals(self))
            .or(() -> Optional.of(Long.valueOf(node.value().substring(2))))
            .filter(_ -> sync.isPresent()),
        Optional.of(Ability.FREE));
  }
}
