package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.Voter;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.ha.Divergence;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Sees everything, and tells what never may happen. */
final class Referee {
  private record Told(Duration since, Set<NodeId> by) {}

  private record Promotion(NodeId node, long term) {}

  private final World world;

  /** Every record that anybody ever proposed or stored, and who has stored it. */
  private final NavigableMap<Version, ClusterRecord> records = new TreeMap<>();

  private final Map<Version, Set<Voter>> storedBy = new HashMap<>();
  private final NavigableMap<Version, ClusterRecord> chosen = new TreeMap<>();

  /** What each winner adopted. */
  private final NavigableMap<Ballot, Version> adopted = new TreeMap<>();

  private final Map<Integer, Promotion> promotions = new HashMap<>();
  private final Map<Long, NodeId> leaders = new HashMap<>();
  private final Map<Long, Effect.Verdict> verdicts = new HashMap<>();

  /** Which other members have told a node, in its newest canvass, that they hold data. */
  private final Map<NodeId, Told> toldOfData = new HashMap<>();

  private final ModeWatch mode;

  /** First records of those who were made to lead, whatever is lost. */
  private final Set<Version> forced = new HashSet<>();

  Referee(World world) {
    this.world = world;
    mode = new ModeWatch(world);
  }

  // --- at every instant -------------------------------------------------------------------------

  void check() {
    if (!mode.leasesDecide()) {
      return; // what counts then is what is acknowledged
    }
    Host primary = null;
    Host holder = null;
    for (var host : world.hosts()) {
      if (host.postgres.phase == Postgres.Phase.PRIMARY && !host.postgres.foreign) {
        require(primary == null, () -> "two primaries: " + name(host) + " and another");
        primary = host;
      }
      var holds = mayHold(host) && host.lease().isPresent();
      if (holds) {
        require(holder == null, () -> "two leases: " + name(host) + " and another");
        holder = host;
      }
    }
    // A guardian's deadline is a lease too, also when its agent has forgotten it.
    if (primary != null && holder != null && primary != holder) {
      throw new Violation(name(holder) + " has a lease while " + name(primary) + " is primary");
    }
  }

  private static boolean mayHold(Host host) {
    return switch (host.agent.state.standing()) {
      case Standing.Leading _, Standing.Preparing _, Standing.Accepting _ -> true;
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ -> false;
    };
  }

  // --- what is stored and chosen ----------------------------------------------------------------

  void stored(Host host, VoterState state) {
    state.accepted().ifPresent(it -> stored(state.voter(), it));
  }

  private void stored(Voter voter, VersionedRecord value) {
    known(value);
    var stores = storedBy.computeIfAbsent(value.version(), _ -> new HashSet<>());
    if (stores.add(voter)
        && !chosen.containsKey(value.version())
        && value.record().isQuorum(stores)) {
      choose(value);
    }
  }

  private void known(VersionedRecord value) {
    var same = records.putIfAbsent(value.version(), value.record());
    if (same == null) {
      mode.adoptable(adoptable().values());
      if (value.record().sync().isEmpty()) {
        world.commits.forget();
      }
    }
    require(
        same == null || same.equals(value.record()),
        () -> "two records are " + value.version() + ": " + same + " and " + value.record());
  }

  private void choose(VersionedRecord value) {
    chosen.put(value.version(), value.record());
    mode.adoptable(adoptable().values());
    world.commits.chosen(value.record());
    value
        .record()
        .sync()
        .filter(it -> it.copies() > 2)
        .ifPresent(_ -> world.marks.reached(Mark.THREE_COPIES));
    adopted.forEach((ballot, version) -> checkAdoption(ballot, version, value.version()));
    Optional.ofNullable(chosen.lowerEntry(value.version()))
        .ifPresent(it -> {
          checkOrder(it.getValue(), value.record());
          if (it.getValue().sync().isPresent() && value.record().sync().isEmpty()) {
            world.marks.reached(Mark.SWITCHED_OFF);
          }
          if (value.record().voters().stores().size() < it.getValue().voters().stores().size()) {
            world.marks.reached(Mark.VOTER_REMOVED);
          }
        });
    Optional.ofNullable(chosen.higherEntry(value.version()))
        .ifPresent(it -> checkOrder(value.record(), it.getValue()));
    var seen = new ArrayList<Object>();
    for (var record : chosen.values()) {
      var change = record.config().get("n");
      require(
          !seen.contains(change) || seen.getLast().equals(change),
          () -> "change " + change + " came back after " + seen.getLast());
      if (!seen.contains(change)) {
        seen.add(change);
      }
    }
  }

  private void checkAdoption(Ballot ballot, Version adoptedThere, Version chosenHere) {
    require(
        !ballot.isAbove(chosenHere.ballot()) || adoptedThere.compareTo(chosenHere) >= 0,
        () -> ballot + " was won with " + adoptedThere + ", but " + chosenHere + " is chosen");
  }

  private void checkOrder(ClusterRecord earlier, ClusterRecord later) {
    require(
        earlier.term() <= later.term() && earlier.timeline() <= later.timeline(),
        () -> "a chosen record goes back: " + earlier + ", then " + later);
    require(
        earlier.systemIdentifier().isEmpty()
            || earlier.systemIdentifier().equals(later.systemIdentifier()),
        () -> "the system identifier changes: " + earlier + ", then " + later);
  }

  // --- steps ------------------------------------------------------------------------------------

  /** Before it is known whether anything of {@code step} is saved: then nobody may be asked. */
  void decides(ElectionState before, Step step) {
    if (step.state().standing() instanceof Standing.Accepting it
        && before.standing() instanceof Standing.Preparing preparing
        && preparing.purpose() instanceof Standing.Purpose.Lead lead
        && lead.acceptsLoss()) {
      world.marks.reached(Mark.FORCED);
      forced.add(it.proposal().value().version());
      world.commits.forget();
    }
  }

  void observed(Host host, ElectionState before, Input input, Step step) {
    for (var effect : step.effects()) {
      if (effect instanceof Effect.Send(_, ElectionMessage.Accept(var value))) {
        known(value);
      }
    }
    var after = step.state().standing();
    hears(host, before, input);
    if (after instanceof Standing.Accepting it
        && before.standing() instanceof Standing.Preparing preparing) {
      var promises = promises(preparing, input);
      var version = adopted(promises, before);
      won(it.proposal().value().version().ballot(), version);
      if (preparing.purpose() instanceof Standing.Purpose.Lead lead && !lead.acceptsLoss()) {
        Optional.ofNullable(records.get(version))
            .ifPresent(record ->
                world.ledger.won(
                    host.id, it.proposal().value().record().timeline(), record, promises));
      }
    }
    if (after instanceof Standing.Leading it) {
      var term = it.lease().ballot().term();
      var other = leaders.putIfAbsent(term, host.id);
      if (!(before.standing() instanceof Standing.Leading)) {
        var record = it.chosen().record();
        var setting = host.agent.supervisor.driver.settingFor(record.sync());
        host.postgres.elected(record.timeline(), setting);
        marks(host);
        world.commits.elected(host, it.chosen().record());
        founded(host, it.chosen().record());
      }
      require(
          other == null || other.equals(host.id),
          () -> "term " + term + " has two leaders, " + other + " and " + host.id);
    }
  }

  private void marks(Host winner) {
    if (mode.isSwitchedOff()) {
      world.marks.reached(Mark.ELECTED_AFTER_SWITCHED_OFF);
    }
    if (world.hosts().stream()
        .anyMatch(it -> it != winner && it.postgres.phase == Postgres.Phase.PRIMARY)) {
      world.marks.reached(Mark.SUPERSEDED_PRIMARY_RUNS);
    }
  }

  private void hears(Host host, ElectionState before, Input input) {
    if (before.standing() instanceof Standing.Canvassing canvassing
        && input instanceof Input.Received(_, ElectionMessage.Opinion it, _)
        && canvassing.round() == it.round()) {
      var told =
          toldOfData.compute(
              host.id,
              (_, was) ->
                  was == null || !was.since().equals(canvassing.startedAt())
                      ? new Told(canvassing.startedAt(), new HashSet<>())
                      : was);
      if (it.standing().hasData().orElse(false) && !it.from().equals(host.id)) {
        told.by().add(it.from());
      }
    }
  }

  private void founded(Host host, ClusterRecord record) {
    var isFirst = record.systemIdentifier().isEmpty() && record.history().size() == 1;
    var told = toldOfData.getOrDefault(host.id, new Told(Duration.ZERO, Set.of())).by();
    require(
        !isFirst || host.postgres.wal.isPresent() || told.isEmpty(),
        () -> "%s founds a cluster without data beside those of %s".formatted(host.id, told));
  }

  private static List<ElectionMessage.Promise> promises(Standing.Preparing preparing, Input input) {
    var promises = new ArrayList<>(preparing.promises().values());
    if (input instanceof Input.Received(_, ElectionMessage.Promise promise, _)) {
      promises.add(promise);
    }
    return promises;
  }

  private static Version adopted(List<ElectionMessage.Promise> promises, ElectionState before) {
    var told = promises.stream().flatMap(it -> it.accepted().stream());
    return Stream.concat(told.map(VersionedRecord::version), Stream.of(before.voter().version()))
        .max(Version::compareTo)
        .orElseThrow();
  }

  private void won(Ballot ballot, Version version) {
    adopted.put(ballot, version);
    chosen.keySet().forEach(it -> checkAdoption(ballot, version, it));
  }

  void decided(Host host, long id, Effect.Verdict verdict) {
    verdicts.put(id, verdict);
    world.trace.step(host.id, () -> "change " + id + ": " + verdict);
    switch (verdict) {
      case Effect.Verdict.Chosen(var version) -> {
        world.marks.reached(Mark.CHANGE_CHOSEN);
        // A sole voter has the next one chosen before it tells.
        require(
            Optional.ofNullable(chosen.ceilingKey(version))
                .filter(it -> it.ballot().equals(version.ballot()))
                .isPresent(),
            () -> version + " is not chosen, but told so");
      }
      case Effect.Verdict.Unknown _ -> world.marks.reached(Mark.CHANGE_UNKNOWN);
      case Effect.Verdict.Refused _ -> {}
    }
  }

  Optional<Effect.Verdict> verdict(long id) {
    return Optional.ofNullable(verdicts.get(id));
  }

  /** A new timeline has been begun. */
  void promoted(Host host, int timeline) {
    var term =
        host.disk
            .record()
            .flatMap(record ->
                record.history().stream()
                    .filter(it -> it.timeline() == timeline && it.leader().equals(host.id))
                    .findFirst())
            .map(it -> it.term())
            .orElse(-1L);
    var promotion = new Promotion(host.id, term);
    var other = promotions.putIfAbsent(timeline, promotion);
    require(
        other == null || other.equals(promotion),
        () -> "timeline " + timeline + " is begun twice: " + other + " and " + promotion);
  }

  /** Whether a standby that is judged so can do what follows from it. */
  void judged(Host host, Wal own, Wal leaders, Divergence judged) {
    switch (judged) {
      case Divergence.Same _, Divergence.Behind _ ->
          require(
              own.isPrefixOf(leaders),
              () -> "%s would follow with %s behind %s".formatted(host.id, own, leaders));
      case Divergence.Diverged _, Divergence.RewindDecides _ -> {
        var rewound = own.asNumbered().commonWith(leaders.asNumbered()).end();
        require(
            rewound == own.commonWith(leaders).end(),
            () ->
                "%s would be rewound to %d with %s behind %s"
                    .formatted(host.id, rewound, own, leaders));
        world.marks.reached(Mark.DIVERGED);
      }
      case Divergence.Unknown(var why) -> throw new Violation(host.id + " cannot judge: " + why);
    }
  }

  // --- what the adversary may take away ---------------------------------------------------------

  /** What a winner may adopt from now on. */
  private NavigableMap<Version, ClusterRecord> adoptable() {
    return chosen.isEmpty() ? records : records.tailMap(chosen.lastKey(), true);
  }

  /** Whether every record that a winner may adopt promises that commits are kept. */
  boolean promisesCommits() {
    return !chosen.isEmpty()
        && adoptable().entrySet().stream()
            .allMatch(it ->
                it.getValue().sync().isPresent()
                    && (chosen.containsKey(it.getKey()) || !forced.contains(it.getKey())));
  }

  /**
   * Whether {@code host} may lose its store, and with it the identity of its data: all records that
   * may still be adopted keep a majority of intact stores and a read quorum without it.
   */
  boolean canSpareStore(Host host) {
    if (chosen.isEmpty() || chosen.lastEntry().getValue().systemIdentifier().isEmpty()) {
      return false;
    }
    var intact =
        world.hosts().stream().filter(it -> it != host).map(it -> it.disk.voter()).toList();
    return canSpareData(host)
        && host.postgres.foreign == host.postgres.disowned
        && foundsNothing(host)
        && adoptable().values().stream().allMatch(it -> it.isQuorum(intact));
  }

  /**
   * Whether each majority of the configured members has one that knows of a cluster, also without
   * the store of {@code host}: nobody could tell a member that has lost all from a new one.
   */
  private boolean foundsNothing(Host host) {
    var knowing =
        world.hosts().stream()
            .filter(it -> world.members().contains(it.id))
            .filter(it ->
                it == host
                    ? it.postgres.isNumbered()
                    : it.disk.record().isPresent() || it.disk.predecessor().isPresent())
            .count();
    return knowing > world.members().size() - (world.members().size() / 2 + 1);
  }

  /**
   * As above, for the data alone. Once the mode was switched off nobody else may hold enough of
   * what the leader was heard to hold.
   */
  boolean canSpareData(Host host) {
    var isMissed =
        mode.wasSynchronous()
            && !promisesCommits()
            && world.setup.lagMaxBytes() < HandPromotions.MISSED_BYTES;
    if (isMissed
        || chosen.isEmpty()
        || host.postgres.primaryOn().isPresent()
        || isOnlyInData(host)) {
      return false;
    }
    var identifier = chosen.lastEntry().getValue().systemIdentifier();
    var held =
        world.hosts().stream()
            .filter(it -> it != host && it.postgres.phase != Postgres.Phase.REBUILDING)
            .filter(it -> !it.postgres.foreign)
            .filter(it -> identifier.equals(it.postgres.wal.map(Wal::systemIdentifier)));
    if (identifier.isEmpty() || held.count() < 2) {
      return false;
    }
    var intact = new HashSet<Incarnation>();
    for (var it : world.hosts()) {
      if (it != host
          && it.postgres.isWhole()
          && !it.postgres.foreign
          && it.disk.incarnation().number() == it.postgres.replication.incarnation) {
        intact.add(it.disk.incarnation());
      }
    }
    var sets = new ArrayList<SyncSet>();
    adoptable().values().forEach(it -> it.sync().ifPresent(sets::add));
    world.hosts().forEach(it -> sets.addAll(it.agent.supervisor.driver.changing()));
    return sets.stream()
        .map(world.wish::leastOf)
        .allMatch(it -> it.members().stream().filter(intact::contains).count() >= it.readQuorum());
  }

  /** Its store is new, and nobody has looked at the data that tell so. */
  private static boolean isOnlyInData(Host host) {
    return host.postgres.isNumbered()
        && host.disk.record().isEmpty()
        && host.disk.predecessor().isEmpty();
  }

  private static String name(Host host) {
    return host.id.value();
  }

  static void require(boolean condition, Supplier<String> what) {
    if (!condition) {
      throw new Violation(what.get());
    }
  }
}
