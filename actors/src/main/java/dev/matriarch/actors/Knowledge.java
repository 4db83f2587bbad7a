package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.ha.HaPolicy;
import dev.matriarch.protocol.ha.HaView;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.ha.Rejoin;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgRole;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the supervisor knows at the moment, and the immutable pictures it makes of that. Touched by
 * its actor only.
 */
final class Knowledge {
  private static final Duration SILENT_PRIMARY_AT_LEAST = Duration.ofSeconds(10);
  private static final Duration BROKEN_STREAM = Duration.ofSeconds(3);
  private static final Duration JUDGED_FOLLOW_HOLDS = Duration.ofSeconds(10);
  private static final Duration GUARDIAN_MARGIN = Duration.ofMillis(500);

  /** A judgement of the local WAL against one leadership. */
  record Judgement(NodeId leader, long term, Rejoin rejoin, Duration at) {}

  /** What the guardian was last told. */
  sealed interface Told {
    record Nothing() implements Told {}

    record Deadline(Duration until) implements Told {}

    record Open() implements Told {}
  }

  final NodeId self;
  final boolean witness;
  private final Map<String, Object> foundingConfig;
  private Map<String, Object> readConfig;
  private DynamicSettings dynamic;
  LeaseView lease = new LeaseView.Vacant(Optional.empty());
  SortedMap<NodeId, MemberStatus> members = new TreeMap<>();
  Optional<Observation> observed = Optional.empty();
  Optional<Guardian> guardian = Optional.empty();
  Told told = new Told.Nothing();
  Optional<Operation> busy = Optional.empty();

  /** The timeline that a running operation is making a primary on. */
  Optional<Integer> becoming = Optional.empty();

  final Map<Operation, Duration> restingUntil = new EnumMap<>(Operation.class);
  Optional<Judgement> judgement = Optional.empty();
  Optional<Duration> notStreamingSince = Optional.empty();
  Optional<Duration> silentSince = Optional.empty();
  boolean wasPrimary;
  int crashes;
  Duration primarySince = Duration.ZERO;
  Duration ableAfter = Duration.ZERO;
  boolean stopping;

  Knowledge(NodeId self, boolean witness, Map<String, Object> foundingConfig) {
    this.self = self;
    this.witness = witness;
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

  /** Whether {@code view} only renews the lease that is known. */
  boolean isRenewal(LeaseView view) {
    return view instanceof LeaseView.Mine(var ballot, _, var record)
        && lease instanceof LeaseView.Mine(var oldBallot, _, var oldRecord)
        && ballot.equals(oldBallot)
        && record.equals(oldRecord);
  }

  /** Takes an observation in; one from before the last operation is out of date. */
  void saw(Observation observation, Duration now) {
    observed = Optional.of(observation);
    var up =
        observation.seen() instanceof Seen.Up(var status)
            ? Optional.of(status.role())
            : Optional.<InstanceStatus.Role>empty();
    if (up.isPresent()) {
      var primary = up.get() instanceof InstanceStatus.Primary;
      if (primary && !wasPrimary) {
        primarySince = now;
      }
      wasPrimary = primary;
    }
    silentSince =
        observation.seen() instanceof Seen.Silent
            ? silentSince.or(() -> Optional.of(now))
            : Optional.empty();
    var broken =
        up.filter(it -> it instanceof InstanceStatus.Standby standby && !isStreaming(standby))
            .isPresent();
    notStreamingSince = broken ? notStreamingSince.or(() -> Optional.of(now)) : Optional.empty();
    if (wasPrimary && now.minus(primarySince).compareTo(Duration.ofMinutes(1)) > 0) {
      crashes = 0;
    }
  }

  static boolean isStreaming(InstanceStatus.Standby standby) {
    return standby.walReceiver().filter(it -> it.status().equals("streaming")).isPresent();
  }

  HaView view(Duration now) {
    return new HaView(
        self,
        instance(now),
        lease,
        fence(now),
        busy,
        restingUntil.entrySet().stream()
            .filter(it -> now.compareTo(it.getValue()) < 0)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet()),
        leaderStatus().filter(this::isReady).isPresent(),
        rejoin(now),
        crashes,
        stopping,
        successor(),
        new HaView.Patience(silentPrimaryPatience(), BROKEN_STREAM));
  }

  private Duration silentPrimaryPatience() {
    var limit = dynamic().primaryStartTimeout();
    return limit.compareTo(SILENT_PRIMARY_AT_LEAST) > 0 ? limit : SILENT_PRIMARY_AT_LEAST;
  }

  Instance instance(Duration now) {
    if (witness) {
      return new Instance.Absent();
    }
    if (busy.equals(Optional.of(Operation.PROMOTE))) {
      return new Instance.Promoting(becoming.orElse(0));
    }
    return observed.map(it -> instance(it.seen(), now)).orElseGet(Instance.Unseen::new);
  }

  private Instance instance(Seen seen, Duration now) {
    return switch (seen) {
      case Seen.NoData(var remains) -> new Instance.Empty(remains);
      case Seen.Unusable(var reason) -> new Instance.Unusable(reason);
      case Seen.Down(var id, var timeline, var shutdown) ->
          new Instance.Stopped(id, timeline, shutdown);
      case Seen.Starting(var asPrimary) -> new Instance.Starting(asPrimary);
      case Seen.Silent _ -> new Instance.Silent(wasPrimary, now.minus(silentSince.orElse(now)));
      case Seen.Up(var status) ->
          switch (status.role()) {
            case InstanceStatus.Primary(var timeline, _, var flushed) ->
                new Instance.Primary(status.systemIdentifier(), new Position(timeline, flushed));
            case InstanceStatus.Standby standby ->
                new Instance.Standby(
                    status.systemIdentifier(),
                    position(standby),
                    upstream(standby),
                    notStreamingSince.map(now::minus).orElse(Duration.ZERO));
          };
    };
  }

  static Position position(InstanceStatus.Standby standby) {
    var received = standby.received().orElse(Lsn.ZERO);
    var replayed = standby.replayed().orElse(Lsn.ZERO);
    return new Position(standby.timeline(), received.compareTo(replayed) > 0 ? received : replayed);
  }

  /** The member whose PostgreSQL the upstream setting names. */
  private Optional<NodeId> upstream(InstanceStatus.Standby standby) {
    return UpstreamSettingText.endpoint(standby.upstream().conninfo())
        .flatMap(endpoint ->
            members.values().stream()
                .filter(it -> it.postgres().equals(Optional.of(endpoint)))
                .map(MemberStatus::node)
                .findFirst());
  }

  HaView.Fence fence(Duration now) {
    return switch (told) {
      case Told.Nothing() -> new HaView.Fence.None();
      case Told.Open() -> new HaView.Fence.Open();
      case Told.Deadline(var until) ->
          new HaView.Fence.Deadline(until.minus(GUARDIAN_MARGIN).minus(now));
    };
  }

  Optional<NodeId> leader() {
    return switch (lease) {
      case LeaseView.Mine _ -> Optional.of(self);
      case LeaseView.Theirs(var leader, _) -> Optional.of(leader);
      case LeaseView.Vacant _ -> Optional.empty();
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
    return Optional.ofNullable(members.get(leader))
        .flatMap(MemberStatus::postgres)
        .map((Endpoint it) -> new Upstream(leader, it));
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

  /** The member that streams and holds the most. */
  private Optional<NodeId> successor() {
    return members.values().stream()
        .filter(it -> !it.node().equals(self) && it.tags().mayLead())
        .filter(it -> it.replicationState().equals(Optional.of("streaming")))
        .max(
            Comparator.comparing((MemberStatus it) -> it.newest().orElse(Lsn.ZERO))
                .thenComparingInt(it -> it.tags().failoverPriority()))
        .map(MemberStatus::node);
  }

  /** Counts a primary that ended by itself. */
  void crashed(Duration now) {
    crashes++;
    if (crashes >= HaPolicy.CRASHES_MAX) {
      ableAfter = now.plus(dynamic().ttl()).plusSeconds(5);
    }
  }
}
