package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.Outlook;
import dev.matriarch.protocol.ha.HaPolicy;
import dev.matriarch.protocol.ha.HaView;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.ha.Rejoin;
import dev.matriarch.protocol.ha.WritePathRules;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.sync.SyncView;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the supervisor knows at the moment, and the immutable pictures it makes of that. Touched by
 * its actor only.
 */
final class Knowledge {
  private static final Duration SILENT_PRIMARY_AT_LEAST = Duration.ofSeconds(10);
  private static final Duration BROKEN_STREAM = Duration.ofSeconds(3);
  private static final Duration JUDGED_FOLLOW_HOLDS = Duration.ofSeconds(10);
  private static final Duration STEADY_AFTER = Duration.ofMinutes(1);
  private static final int RECOVERIES_MAX = 3;

  /** A judgement of the local WAL against one leadership. */
  record Judgement(NodeId leader, long term, Rejoin rejoin, Duration at) {}

  final NodeId self;
  final boolean witness;
  private final Set<NodeId> configured;
  private final Map<String, Object> foundingConfig;
  private Map<String, Object> readConfig;
  private DynamicSettings dynamic;
  LeaseView lease = new LeaseView.Loading();
  Orders orders = Orders.NONE;

  /** The number of the data directory that the election was told of last. */
  Optional<Long> told = Optional.empty();

  /** Who has answered this node's last beats as leader; whoever is slow may be missing a moment. */
  Set<NodeId> present = Set.of();

  /** When those that have been among them, and are not now, were so last. */
  private final Map<NodeId, Duration> wasPresent = new HashMap<>();

  final Sealing sealing = new Sealing();
  final Failovers failovers = new Failovers();

  /** The number in the data directory; 0: there are data without one. */
  Optional<Long> incarnation = Optional.empty();

  /** For whom the commits of the local primary wait; absent: not known. */
  Optional<SyncView.Postgres> waitsFor = Optional.empty();

  SortedMap<NodeId, MemberStatus> members = new TreeMap<>();

  /** Members that have told that they have no PostgreSQL, also if they are silent now. */
  private final Set<NodeId> witnesses = new TreeSet<>();

  final Addresses addresses = new Addresses();

  Optional<Observation> observed = Optional.empty();
  final GuardianLink guardian = new GuardianLink();
  Optional<Operation> busy = Optional.empty();

  /**
   * The timeline on which an operation makes a primary, from before it begins until it was seen
   * what became of it.
   */
  Optional<Integer> becoming = Optional.empty();

  final Map<Operation, Duration> restingUntil = new EnumMap<>(Operation.class);
  Optional<Judgement> judgement = Optional.empty();
  Optional<Duration> notStreamingSince = Optional.empty();
  Optional<Duration> silentSince = Optional.empty();

  /** Since when PostgreSQL has been shutting down although no operation is to end it. */
  Optional<Duration> endingSince = Optional.empty();

  boolean wasPrimary;
  int crashes;
  private int failedRecoveries;
  Duration primarySince = Duration.ZERO;
  Duration ableAfter = Duration.ZERO;
  boolean stopping;

  WriteHealth writes = WriteHealth.UNKNOWN;

  /** An operator's; only while this node leads. */
  Optional<HandingOver> handover = Optional.empty();

  /** The successor as of when the stop began: nobody streams any more once PostgreSQL is down. */
  private Optional<NodeId> heir = Optional.empty();

  Knowledge(
      NodeId self, boolean witness, Set<NodeId> configured, Map<String, Object> foundingConfig) {
    this.self = self;
    this.witness = witness;
    this.configured = Set.copyOf(configured);
    this.foundingConfig = foundingConfig;
    readConfig = foundingConfig;
    dynamic = DynamicSettingsReader.read(foundingConfig).settings();
  }

  /** The dynamic configuration of the record, read anew only when that has changed. */
  DynamicSettings dynamic() {
    var config = lease.known().map(it -> it.config()).orElse(foundingConfig);
    if (!config.equals(readConfig)) {
      readConfig = config;
      dynamic = DynamicSettingsReader.read(config).settings();
    }
    return dynamic;
  }

  /** Whether {@code outlook} only renews the lease that is known. */
  boolean isRenewal(Outlook outlook) {
    return outlook.orders().equals(orders)
        && outlook.incarnation().equals(told)
        && outlook.present().equals(present)
        && outlook.lease() instanceof LeaseView.Mine(var ballot, _, var record)
        && lease instanceof LeaseView.Mine(var oldBallot, _, var oldRecord)
        && ballot.equals(oldBallot)
        && record.equals(oldRecord);
  }

  void answeredBy(Set<NodeId> answering, Duration now) {
    present.forEach(it -> wasPresent.put(it, now));
    present = answering;
  }

  /** Whether it has not answered for as long as a leader may be silent. */
  boolean isLost(NodeId node, Duration now) {
    return !present.contains(node)
        && Optional.ofNullable(wasPresent.get(node))
            .filter(it -> now.minus(it).compareTo(dynamic().suspicion()) < 0)
            .isEmpty();
  }

  /** Whether it has no PostgreSQL, as far as is known. */
  boolean isWitness(NodeId node) {
    return witnesses.contains(node);
  }

  void heard(SortedMap<NodeId, MemberStatus> all) {
    members = all;
    for (var status : all.values()) {
      if (status.postgres().isEmpty()) {
        witnesses.add(status.node());
      } else {
        witnesses.remove(status.node());
      }
    }
    addresses.heard(all.values());
  }

  /**
   * Takes an observation in.
   *
   * @param runs whether the process that the guardian watches is there: then PostgreSQL runs,
   *     whatever its files say
   */
  void saw(Observation observation, boolean runs, Duration now) {
    var seen = runs ? running(observation.seen()) : observation.seen();
    observed =
        Optional.of(
            new Observation(
                observation.epoch(),
                seen,
                observation.postmaster(),
                observation.ending(),
                observation.incarnation()));
    endingSince =
        observation.ending() && busy.isEmpty()
            ? endingSince.or(() -> Optional.of(now))
            : Optional.empty();
    incarnation = seen instanceof Seen.NoData ? Optional.empty() : observation.incarnation();
    silentSince =
        seen instanceof Seen.Silent ? silentSince.or(() -> Optional.of(now)) : Optional.empty();
    var broken =
        seen instanceof Seen.Up(var status, _)
            && status.role() instanceof InstanceStatus.Standby standby
            && !isStreaming(standby);
    notStreamingSince = broken ? notStreamingSince.or(() -> Optional.of(now)) : Optional.empty();
    switch (seen) {
      case Seen.Up(var status, _) -> up(status.role() instanceof InstanceStatus.Primary, now);
      case Seen.Down _, Seen.NoData _, Seen.Unusable _, Seen.Killed _ -> {
        if (busy.isEmpty()) {
          becoming = Optional.empty();
          ended(now);
        }
      }
      case Seen.Starting(_, var asPrimary) -> {
        if (busy.isEmpty() && !asPrimary) {
          becoming = Optional.empty();
        }
      }
      case Seen.Promoting _, Seen.Silent _ -> {}
    }
  }

  /**
   * One that has diverged is seen to stream an earlier timeline, up to the fork, each time it tries
   * in vain.
   */
  private boolean isStreaming(InstanceStatus.Standby standby) {
    return standby.isStreaming()
        && standby.walReceiver().filter(it -> it.timeline() >= timeline()).isPresent();
  }

  private Seen running(Seen seen) {
    return switch (seen) {
      case Seen.Down _, Seen.NoData _, Seen.Unusable _ ->
          new Seen.Silent(
              Optional.empty(),
              "its process runs, and its files do not say so",
              wasPrimary || becoming.isPresent());
      case Seen.Up _, Seen.Starting _, Seen.Promoting _, Seen.Silent _, Seen.Killed _ -> seen;
    };
  }

  private void up(boolean primary, Duration now) {
    if (busy.isEmpty()) {
      becoming = Optional.empty();
    }
    if (primary && !wasPrimary) {
      primarySince = now;
    }
    wasPrimary = primary;
    if (primary && now.minus(primarySince).compareTo(STEADY_AFTER) > 0) {
      crashes = 0;
    }
  }

  HaView view(Duration now) {
    return new HaView(
        self,
        instance(now),
        lease,
        guardian.fence(now),
        orders,
        sealing.seal(),
        incarnation.isPresent() && told.equals(incarnation) && orders.incarnation().isEmpty(),
        busy,
        restingUntil.entrySet().stream()
            .filter(it -> now.compareTo(it.getValue()) < 0)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet()),
        leaderStatus().filter(this::isReady).isPresent(),
        leader().flatMap(addresses::of).isPresent(),
        rejoin(now),
        crashes,
        observed.filter(Observation::isTooSmall).isPresent(),
        isUnfounded(),
        guardian.obstacle(dynamic().ttl()),
        endingSince.map(now::minus),
        stopping,
        successor(),
        handover.map(HandingOver::successor),
        writes.verdict(),
        new HaView.Patience(silentPrimaryPatience(), BROKEN_STREAM, endingPatience()));
  }

  private boolean isUnfounded() {
    var heard = new TreeSet<>(members.keySet());
    heard.add(self);
    heard.retainAll(configured);
    return heard.size() > configured.size() / 2
        && lease.known().flatMap(it -> it.systemIdentifier()).isEmpty()
        && members.values().stream().allMatch(it -> it.cluster().isEmpty());
  }

  private Duration silentPrimaryPatience() {
    var limit = dynamic().primaryStartTimeout();
    return limit.compareTo(SILENT_PRIMARY_AT_LEAST) > 0 ? limit : SILENT_PRIMARY_AT_LEAST;
  }

  private Optional<Duration> endingPatience() {
    return Optional.of(dynamic().commitTimeout())
        .filter(it -> it.isPositive() && !dynamic().pause());
  }

  Instance instance(Duration now) {
    return new LocalInstance(this, now).instance();
  }

  /** Whether the data are another cluster's: they are left alone, whatever is decided. */
  boolean isForeign(Instance instance) {
    return lease.known().filter(instance::isForeignTo).isPresent();
  }

  Optional<NodeId> leader() {
    return switch (lease) {
      case LeaseView.Mine _ -> Optional.of(self);
      case LeaseView.Theirs(var leader, _) -> Optional.of(leader);
      case LeaseView.Vacant _, LeaseView.Loading _, LeaseView.Mute _ -> Optional.empty();
    };
  }

  Optional<MemberStatus> leaderStatus() {
    return leader().flatMap(it -> Optional.ofNullable(members.get(it)));
  }

  private boolean isReady(MemberStatus status) {
    return status.ready()
        && status.role() == PgRole.PRIMARY
        && status.timeline().equals(lease.known().map(it -> it.timeline()));
  }

  Optional<Upstream> upstreamOf(NodeId leader) {
    return addresses.of(leader).map(it -> new Upstream(leader, it));
  }

  /** As the record says; the election then needs exact positions. */
  boolean isSynchronous() {
    return lease.known().flatMap(it -> it.sync()).isPresent();
  }

  /** The record's; 0: there is none. */
  int timeline() {
    return lease.known().map(it -> it.timeline()).orElse(0);
  }

  /** As the record says, the oldest first. */
  List<HistoryEntry> history() {
    return lease.known().map(ClusterRecord::history).orElse(List.of());
  }

  long term() {
    return lease.known().map(it -> it.term()).orElse(0L);
  }

  /** That the WAL fits holds for a moment only; that it does not, until something was done. */
  private Optional<Rejoin> rejoin(Duration now) {
    return judgement
        .filter(it -> leader().equals(Optional.of(it.leader())) && it.term() == term())
        .filter(it ->
            it.rejoin() != Rejoin.FOLLOW || now.minus(it.at()).compareTo(JUDGED_FOLLOW_HOLDS) < 0)
        .map(Judgement::rejoin);
  }

  /** Where the WAL of the primary ends that was shut down in order. */
  Optional<Position> shutDownAt() {
    return observed
        .map(Observation::seen)
        .flatMap(it ->
            it instanceof Seen.Down(_, var newest, var how)
                    && how == Instance.Shutdown.PRIMARY_CLEAN
                ? Optional.of(newest)
                : Optional.empty());
  }

  /** The member that streams and holds the most. */
  private Optional<NodeId> successor() {
    var streaming = streamingMost();
    if (!stopping) {
      heir = streaming;
    }
    return streaming.or(() -> heir);
  }

  private Optional<NodeId> streamingMost() {
    return members.values().stream()
        .filter(it -> !it.node().equals(self) && it.tags().mayLead())
        .filter(it -> it.replicationState().equals(Optional.of("streaming")))
        .max(
            Comparator.comparing((MemberStatus it) -> it.newest().orElse(Lsn.ZERO))
                .thenComparingInt(it -> it.tags().failoverPriority()))
        .map(MemberStatus::node);
  }

  /** PostgreSQL has ended although no operation of ours was to end it. */
  void ended(Duration now) {
    if (wasPrimary) {
      wasPrimary = false;
      crashed(now);
    }
  }

  /** Counts a primary that crashed, or could not be made. */
  void crashed(Duration now) {
    if (crashes + 1 >= HaPolicy.CRASHES_MAX) {
      rests(now);
    }
    crashes = WritePathRules.crashesAfter(crashes, writes.fullDisk());
  }

  void rests(Duration now) {
    ableAfter = now.plus(dynamic().ttl()).plusSeconds(5);
  }

  /** What recovery could not repair several times over has to be cloned. */
  void recovered(boolean done, Duration now) {
    failedRecoveries = done ? 0 : failedRecoveries + 1;
    if (failedRecoveries >= RECOVERIES_MAX) {
      failedRecoveries = 0;
      judgement = leader().map(it -> new Judgement(it, term(), Rejoin.CLONE, now));
    }
  }
}
