package dev.matriarch.protocol.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Guarantee;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.SyncView.Standby;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A primary with its settings, the record and the standbys' WAL, as small as it can be. A commit is
 * a number; a node holds the commits below its position. As many commits as any setting in use
 * allows are acknowledged, and a winner needs a read quorum of the record, whichever that is.
 */
final class SyncWorld {
  static final Duration NOW = Duration.ofMinutes(1);
  private static final Optional<Duration> GONE = Optional.of(Duration.ZERO);

  /** Of every incarnation there ever was: a lost one still counts as a copy, not as a voter. */
  private final Map<Incarnation, Integer> position;

  private final Map<NodeId, Incarnation> data;
  private final Set<Incarnation> well;
  private final Set<SyncSetting> inUse;
  private final Set<Integer> acknowledged;

  SyncPolicy policy = SyncPolicy.ASYNCHRONOUS;
  Incarnation leader;
  Optional<SyncSet> record = Optional.empty();

  /** A record that some have stored; a winner adopts it or the chosen one. */
  private List<Optional<SyncSet>> proposed = List.of();

  private SyncSetting asked = new SyncSetting.Unset();
  private Optional<SyncSet> proven = Optional.empty();
  private int inForceAt = -1;
  private int promotedAt;
  private boolean promoted = true;

  SyncWorld(int nodes) {
    position = new HashMap<>();
    data = new TreeMap<>();
    well = new HashSet<>();
    acknowledged = new TreeSet<>();
    inUse = new HashSet<>(Set.of(asked));
    for (var i = 0; i < nodes; i++) {
      var incarnation = new Incarnation(new NodeId(String.valueOf((char) ('a' + i))), 1);
      data.put(incarnation.node(), incarnation);
      position.put(incarnation, 0);
      well.add(incarnation);
    }
    leader = data.values().iterator().next();
  }

  private SyncWorld(SyncWorld it) {
    position = new HashMap<>(it.position);
    data = new TreeMap<>(it.data);
    well = new HashSet<>(it.well);
    acknowledged = new TreeSet<>(it.acknowledged);
    inUse = new HashSet<>(it.inUse);
    policy = it.policy;
    leader = it.leader;
    record = it.record;
    proposed = it.proposed;
    asked = it.asked;
    proven = it.proven;
    inForceAt = it.inForceAt;
    promotedAt = it.promotedAt;
    promoted = it.promoted;
  }

  SyncWorld copy() {
    return new SyncWorld(this);
  }

  // --- the leader's shell

  SyncView view() {
    var rows = new ArrayList<Standby>();
    for (var it : position.keySet().stream().sorted(SyncWorld::compare).toList()) {
      if (!it.equals(leader)) {
        rows.add(
            new Standby(
                it,
                isStreaming(it),
                true,
                new Lsn(at(it)),
                isStreaming(it) ? Optional.empty() : GONE,
                Tags.NONE));
      }
    }
    return new SyncView(
        leader,
        record,
        !proposed.isEmpty(),
        new SyncView.Postgres(inUse, asked, proven),
        rows,
        NOW);
  }

  SyncStep plan() {
    return SyncPlan.next(policy, view());
  }

  void carryOut(SyncStep step) {
    switch (step) {
      case SyncStep.Nothing _, SyncStep.Wait _ -> {}
      case SyncStep.SetPostgres(var setting, _) -> ask(setting);
      case SyncStep.GiveUp(var setting, _) -> ask(setting);
      case SyncStep.ProposeRecord(var set, _) -> propose(set);
    }
    check();
  }

  private void ask(SyncSetting setting) {
    asked = setting;
    inUse.add(setting);
    forgetProof();
  }

  private void propose(Optional<SyncSet> set) {
    assertThat(proposed).as("one change at a time").isEmpty();
    if (set.isPresent()) {
      assertThat(inUse)
          .as("the machine would refuse " + set)
          .isNotEmpty()
          .allMatch(it -> Guarantee.holds(leader.node(), it.waitsFor(), set));
      assertThat(SyncRoute.recordFirst(leader.node(), record, set.get()) || proven.equals(set))
          .as("earlier commits are on %s", set)
          .isTrue();
    }
    proposed = List.of(set);
  }

  void choose() {
    if (!proposed.isEmpty()) {
      record = proposed.getFirst();
      proposed = List.of();
    }
    check();
  }

  /** Every process has read the setting; only then the catch-up is measured. */
  void bringIntoForce() {
    inUse.clear();
    inUse.add(asked);
    inForceAt = at(leader);
    promoted = promoted || mayPromote();
    check();
  }

  void prove() {
    asked
        .waitsFor()
        .filter(set -> inForceAt >= 0 && holders(set, inForceAt) >= set.copies())
        .ifPresent(set -> proven = Optional.of(set));
  }

  private void forgetProof() {
    proven = Optional.empty();
    inForceAt = -1;
  }

  /** The agent starts again beside its primary. */
  void restartAgent() {
    forgetProof();
  }

  // --- PostgreSQL

  void write() {
    if (promoted) {
      position.merge(leader, 1, Integer::sum);
    }
  }

  void receive(Incarnation standby, int commits) {
    if (isStreaming(standby) && !standby.equals(leader)) {
      position.merge(standby, commits, (had, more) -> Math.min(had + more, at(leader)));
    }
  }

  void receiveAll() {
    data.values().forEach(it -> receive(it, Integer.MAX_VALUE / 2));
  }

  /** Every commit that one of the settings lets through. */
  void acknowledge() {
    for (var commit = promotedAt; promoted && commit < at(leader); commit++) {
      for (var setting : inUse) {
        if (!acknowledged.contains(commit) && letsThrough(setting, commit)) {
          acknowledged.add(commit);
        }
      }
    }
    check();
  }

  private boolean letsThrough(SyncSetting setting, int commit) {
    return switch (setting) {
      case SyncSetting.Unset _ -> true;
      case SyncSetting.Held _ -> false;
      case SyncSetting.Members(var set, _) -> holders(set, commit + 1) >= set.copies();
    };
  }

  private long holders(SyncSet set, int upTo) {
    return set.members().stream().filter(it -> at(it) >= upTo).count();
  }

  // --- faults

  void setWell(Set<NodeId> nodes) {
    well.clear();
    data.values().stream().filter(it -> nodes.contains(it.node())).forEach(well::add);
  }

  void toggle(NodeId node) {
    var it = dataOf(node);
    if (!well.remove(it)) {
      well.add(it);
    }
  }

  void everybodyReturns() {
    well.addAll(data.values());
  }

  /** A new data directory; refused where it might be one loss more than the copies allow. */
  void remake(NodeId node) {
    var old = dataOf(node);
    for (var it : possibleRecords()) {
      var left =
          it.map(set -> set.members().stream().filter(m -> isAlive(m) && !m.equals(old)).count());
      if (old.equals(leader) || left.filter(n -> n < it.get().readQuorum()).isPresent()) {
        return;
      }
    }
    well.remove(old);
    var anew = new Incarnation(node, old.number() + 1);
    data.put(node, anew);
    well.add(anew);
    position.put(anew, 0);
  }

  List<Optional<SyncSet>> possibleRecords() {
    var all = new ArrayList<>(proposed);
    all.add(record);
    return all;
  }

  Set<NodeId> nodes() {
    return data.keySet();
  }

  /**
   * {@code winner} is elected on {@code adopted} by a read quorum that does not hold more than it.
   * Its PostgreSQL has been started with {@code stale}, and is not promoted before it has the
   * record's setting.
   */
  boolean elect(NodeId winner, Optional<SyncSet> adopted, SyncSetting stale) {
    var next = dataOf(winner);
    var behind = at(next);
    if (adopted.isPresent()) {
      var set = adopted.get();
      var promises = set.members().stream().filter(it -> isAlive(it) && at(it) <= behind).count();
      if (promises < set.readQuorum() || (set.copies() == 1 && !set.members().contains(next))) {
        return false;
      }
      assertThat(acknowledged).as("known to %s", next).allMatch(it -> it < behind);
    } else {
      acknowledged.removeIf(it -> it >= behind);
    }
    var same = next.equals(leader);
    leader = next;
    position.replaceAll((_, it) -> Math.min(it, behind));
    record = adopted.map(it -> joined(it, next));
    proposed = List.of();
    forgetProof();
    if (!same) {
      promotedAt = behind;
      asked = stale;
      inUse.clear();
      inUse.add(stale);
      promoted = false;
    }
    promoted = promoted || mayPromote();
    check();
    return true;
  }

  private boolean mayPromote() {
    var waits = !policy.strict() || !inUse.contains(new SyncSetting.Unset());
    return waits && inUse.stream().allMatch(it -> it.guarantees(leader.node(), record));
  }

  private static SyncSet joined(SyncSet set, Incarnation winner) {
    var members = new HashSet<>(set.members());
    members.removeIf(it -> it.node().equals(winner.node()));
    members.add(winner);
    return new SyncSet(members, set.copies());
  }

  private int at(Incarnation it) {
    return position.getOrDefault(it, 0);
  }

  private Incarnation dataOf(NodeId node) {
    return Objects.requireNonNull(data.get(node));
  }

  /** An incarnation that was not lost. */
  private boolean isAlive(Incarnation it) {
    return it.equals(data.get(it.node()));
  }

  private boolean isStreaming(Incarnation it) {
    return well.contains(it) && isAlive(it);
  }

  // --- what must be true

  void check() {
    for (var possible : possibleRecords()) {
      if (promoted) {
        assertThat(inUse)
            .as("each guarantees %s", possible)
            .allMatch(it -> it.guarantees(leader.node(), possible));
      }
      possible.ifPresent(this::checkCopies);
    }
  }

  /** Then any read quorum has a holder of each. */
  private void checkCopies(SyncSet set) {
    for (var commit : acknowledged) {
      assertThat(holders(set, commit + 1))
          .as("copies of commit %d on %s", commit, set)
          .isGreaterThanOrEqualTo(set.copies());
    }
    assertThat(set.members().stream().map(Incarnation::node).distinct().count())
        .as("one incarnation of a node in %s", set)
        .isEqualTo(set.members().size());
  }

  /** On how many members, ever, the acknowledged commits are. */
  long copiesMin() {
    return acknowledged.stream()
        .mapToLong(it -> position.values().stream().filter(p -> p > it).count())
        .min()
        .orElse(Long.MAX_VALUE);
  }

  boolean isAcknowledged(int commit) {
    return acknowledged.contains(commit);
  }

  int written() {
    return at(leader);
  }

  SyncSetting asked() {
    return asked;
  }

  private static int compare(Incarnation a, Incarnation b) {
    var byNode = a.node().compareTo(b.node());
    return byNode != 0 ? byNode : Long.compare(a.number(), b.number());
  }

  @Override
  public String toString() {
    return "%s leads, record %s, proposed %s, asked %s of %s, well %s, positions %s"
        .formatted(leader, record, proposed, asked, inUse, well, position);
  }
}
