package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.report.ElectionClock;
import dev.matriarch.protocol.report.Failover;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One machine, node {@code a} of {@code a}, {@code b}, {@code c}, fed by hand. */
final class Bench {
  static final NodeId A = new NodeId("a");
  static final NodeId B = new NodeId("b");
  static final NodeId C = new NodeId("c");
  static final long TTL_MS = 10_000;
  static final String SYSTEM = "7001";

  final ElectionMachine machine =
      new ElectionMachine(
          A,
          new TreeSet<>(List.of(A, B, C)),
          ElectionTiming.DEFAULT,
          new Founding(TTL_MS, Map.of()));
  ElectionState state;
  Step last;
  Duration now = Duration.ofHours(1);
  ElectionClock clock = ElectionClock.started(now);

  /** The last fail-over that this node won. */
  Optional<Failover> won = Optional.empty();

  Bench(VoterState stored) {
    state = machine.booted(stored, now);
    last = new Step(state, Optional.empty(), List.of());
  }

  /** A node that has run for long, as follower of {@code leader}. */
  static Bench following(NodeId leader) {
    var bench = new Bench(stored(value(ballot(5, leader), 1, record(5, leader, 3))));
    bench.now = bench.now.plusSeconds(60);
    bench.reports(standby(100));
    return bench;
  }

  /** Leads term 6 on timeline 4, promised and stored by itself and b. */
  static Bench leading() {
    var bench = following(A);
    bench.reports(standby(100));
    bench.stands();
    bench.hears(promise(B, bench.ballot(), Optional.empty()));
    bench.hears(new ElectionMessage.Accepted(B, store(B), new Version(bench.ballot(), 1)));
    bench.reports(primary(4));
    return bench;
  }

  // --- inputs -----------------------------------------------------------------------------------

  Bench hears(ElectionMessage message) {
    return takes(new Input.Received(now, message, Duration.ZERO));
  }

  Bench reports(Local local) {
    return takes(new Input.LocalChanged(now, local));
  }

  Bench ticksAfter(long ms) {
    now = now.plusMillis(ms);
    return takes(new Input.Tick(now, Duration.ZERO));
  }

  Bench takes(Input input) {
    var before = state;
    last = machine.step(state, input);
    state = last.state();
    clock = clock.seen(before, state, view(), now);
    won = clock.won().or(() -> won);
    return this;
  }

  /** Ticks, and says to each canvass that the leader is lost, until it prepares. */
  Bench stands() {
    for (var i = 0; i < 100 && !(state.standing() instanceof Standing.Preparing); i++) {
      ticksAfter(100);
      if (state.standing() instanceof Standing.Canvassing it) {
        hears(opinion(B, it.round(), true, nothing(B)));
        if (state.standing() instanceof Standing.Canvassing) {
          hears(opinion(C, it.round(), true, nothing(C)));
        }
      }
    }
    return this;
  }

  // --- what came out ----------------------------------------------------------------------------

  <T extends ElectionMessage> List<T> sent(NodeId to, Class<T> kind) {
    return last.effects().stream()
        .filter(Effect.Send.class::isInstance)
        .map(Effect.Send.class::cast)
        .filter(it -> it.to().equals(to))
        .map(Effect.Send::message)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  List<Effect.Decided> decided() {
    return last.effects().stream()
        .filter(Effect.Decided.class::isInstance)
        .map(Effect.Decided.class::cast)
        .toList();
  }

  /** The ballot of the own candidacy or leadership. */
  Ballot ballot() {
    return switch (state.standing()) {
      case Standing.Preparing it -> it.ballot();
      case Standing.Accepting it -> it.proposal().value().version().ballot();
      case Standing.Leading it -> it.lease().ballot();
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ ->
          throw new IllegalStateException("neither candidate nor leader: " + state.standing());
    };
  }

  Standing.Leading leader() {
    return (Standing.Leading) state.standing();
  }

  LeaseView view() {
    return machine.view(state, now);
  }

  // --- words ------------------------------------------------------------------------------------

  static StoreId store(NodeId node) {
    return new StoreId("store-" + node);
  }

  static Ballot ballot(long term, NodeId candidate) {
    return new Ballot(term, candidate, store(candidate));
  }

  static VersionedRecord value(Ballot ballot, long counter, ClusterRecord record) {
    return new VersionedRecord(new Version(ballot, counter), record);
  }

  static Electorate voters() {
    return Electorate.ofUnheard(List.of())
        .with(new Voter(A, store(A)))
        .with(new Voter(B, store(B)))
        .with(new Voter(C, store(C)));
  }

  static ClusterRecord record(long term, NodeId leader, int timeline) {
    return new ClusterRecord(
        term,
        Optional.of(leader),
        Optional.of(leader),
        timeline,
        voters(),
        Optional.empty(),
        Optional.empty(),
        List.of(
            new HistoryEntry(1, 1, Lsn.ZERO, leader, Optional.empty(), "a new cluster"),
            new HistoryEntry(4, 3, new Lsn(50), leader, Optional.empty(), "the leader is lost")),
        TTL_MS,
        Optional.of(SYSTEM),
        Map.of());
  }

  /** A set of these nodes' first incarnations, so many copies of each commit. */
  static SyncSet set(int copies, NodeId... nodes) {
    return new SyncSet(
        Arrays.stream(nodes).map(it -> new Incarnation(it, 1)).collect(Collectors.toSet()), copies);
  }

  /** In synchronous mode, follower of b in term 5, which it has not heard for a minute. */
  static Bench synchronous(SyncSet set) {
    var record = record(5, B, 3).withSync(Optional.of(set));
    var bench = new Bench(stored(value(ballot(5, B), 1, record)));
    bench.now = bench.now.plusSeconds(60);
    return bench.reports(held(100, Optional.empty()));
  }

  /** A standby of timeline 3 with data of the first incarnation. */
  static Local held(long lsn, Optional<Ballot> fencedFor) {
    return with(
        standby(lsn),
        new Local.Replication(
            Optional.of(1L), fencedFor, Optional.empty(), false, Set.of(), Optional.empty()));
  }

  static Local with(Local it, Local.Replication replication) {
    return new Local(
        it.able(),
        it.hasData(),
        it.primaryOn(),
        it.position(),
        it.systemIdentifier(),
        it.priority(),
        it.lagMaxBytes(),
        replication);
  }

  Orders orders() {
    return machine.orders(state, now);
  }

  static VoterState stored(VersionedRecord value) {
    return VoterState.fresh(A, store(A), 1).accepting(value);
  }

  static Local standby(long lsn) {
    return local(Optional.empty(), Optional.of(new Position(3, new Lsn(lsn))));
  }

  static Local primary(int timeline) {
    return local(Optional.of(timeline), Optional.of(new Position(timeline, new Lsn(200))));
  }

  static Local local(Optional<Integer> primaryOn, Optional<Position> position) {
    return new Local(
        true,
        Optional.of(true),
        primaryOn,
        position,
        Optional.of(SYSTEM),
        1,
        1000,
        Local.Replication.NONE);
  }

  static Candidacy nothing(NodeId node) {
    return new Candidacy(node, false, Optional.of(false), false, Optional.empty(), 1, false);
  }

  static ElectionMessage.Opinion opinion(
      NodeId from, long round, boolean lost, Candidacy candidacy) {
    return new ElectionMessage.Opinion(from, round, lost, 5, candidacy);
  }

  static ElectionMessage.Promise promise(
      NodeId from, Ballot ballot, Optional<VersionedRecord> accepted) {
    return new ElectionMessage.Promise(
        from,
        store(from),
        ballot,
        new Incarnation(from, 1),
        accepted,
        Optional.empty(),
        true,
        true);
  }

  static ElectionMessage.Beat beat(Ballot ballot, long number) {
    return new ElectionMessage.Beat(
        ballot.candidate(), new Version(ballot, 1), number, TTL_MS, Optional.empty(), true);
  }

  static ElectionMessage.Granted granted(NodeId from, StoreId store, Version version, long number) {
    return new ElectionMessage.Granted(from, store, version.ballot(), number, version);
  }
}
