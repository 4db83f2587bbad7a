package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import dev.matriarch.protocol.sync.SyncPlan;
import dev.matriarch.protocol.sync.SyncPolicy;
import dev.matriarch.protocol.sync.SyncStep;
import dev.matriarch.protocol.sync.SyncView;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows the shipped planner what a leader sees, and carries out its steps. */
final class PlannedSync {
  /** Who did not look for so long does not know who was silent. */
  private static final Duration LOOKED_AWAY = Duration.ofMillis(300);

  private final Host host;
  private final World world;
  private final Replication replication;

  /** The change of the record that was asked for; its outcome is not known. */
  private Optional<Asked> asked = Optional.empty();

  private record Asked(long id, Ballot by, Optional<SyncSet> set) {}

  private final Map<NodeId, Duration> heardAt = new HashMap<>();
  private final Map<Incarnation, Duration> lostAt = new HashMap<>();
  private SyncStep last = new SyncStep.Nothing("");
  private Duration sinceAt = Duration.ZERO;
  private Duration drivenAt = Duration.ZERO;

  PlannedSync(Host host) {
    this.host = host;
    world = host.world;
    replication = host.postgres.replication;
  }

  /** {@code node} has answered as voter. */
  void heard(NodeId node) {
    heardAt.put(node, host.now());
  }

  /** What the record may say soon. */
  Optional<SyncSet> target() {
    return asked.flatMap(Asked::set).or(() -> replication.inForce.goal().waitsFor());
  }

  void drive(SyncPolicy policy, LeaseView.Mine mine) {
    var record = mine.record();
    var me = new Incarnation(host.id, replication.incarnation);
    if (!host.agent.state.voter().incarnation().equals(me)) {
      return;
    }
    asked = asked.filter(it -> isOpen(it, mine.ballot()));
    var now = host.now();
    if (now.minus(drivenAt).compareTo(LOOKED_AWAY) > 0) {
      sinceAt = now;
    }
    drivenAt = now;
    var step = SyncPlan.next(policy, view(me, record.sync()));
    if (!step.equals(last)) {
      last = step;
      world.trace.note(host.id, () -> "synchronous set: " + step);
    }
    switch (step) {
      case SyncStep.Nothing _, SyncStep.Wait _ -> {}
      case SyncStep.ProposeRecord(var set, _) -> {
        var id = host.agent.propose(new RecordChange.Synchronise(set));
        asked = Optional.of(new Asked(id, mine.ballot(), set));
      }
      case SyncStep.SetPostgres(var setting, _) -> replication.inForce.set(setting);
      case SyncStep.GiveUp(var setting, _) -> {
        world.marks.reached(Mark.SYNCHRONOUS_CHANGE_GIVEN_UP);
        replication.inForce.set(setting);
      }
    }
  }

  /** A winner may adopt what nobody knows to be chosen or not. */
  private boolean isOpen(Asked change, Ballot now) {
    var verdict = world.referee.verdict(change.id());
    return verdict.isEmpty()
        || (verdict.get() instanceof Effect.Verdict.Unknown && change.by().equals(now));
  }

  private SyncView view(Incarnation me, Optional<SyncSet> record) {
    return new SyncView(
        me,
        record,
        asked.isPresent(),
        new SyncView.Postgres(
            Steady.set(replication.inForce.possible()),
            replication.inForce.goal(),
            replication.proven()),
        standbys(me, record),
        host.now());
  }

  /**
   * Those that stream, and members that did. A directory that has no number yet has no name by
   * which it could count.
   */
  private List<SyncView.Standby> standbys(Incarnation me, Optional<SyncSet> record) {
    var streaming = replication.streaming();
    var known = new HashSet<>(streaming);
    record.ifPresent(it -> known.addAll(it.members()));
    known.remove(me);
    known.removeIf(it -> it.number() == 0);
    var now = host.now();
    lostAt.keySet().removeIf(it -> streaming.contains(it) || !known.contains(it));
    known.stream().filter(it -> !streaming.contains(it)).forEach(it -> lostAt.putIfAbsent(it, now));
    return known.stream().map(it -> standby(it, streaming.contains(it), now)).toList();
  }

  private SyncView.Standby standby(Incarnation it, boolean streaming, Duration now) {
    var last = heardAt.getOrDefault(it.node(), sinceAt);
    var heard = last.compareTo(sinceAt) > 0 ? last : sinceAt;
    var silent = now.minus(heard).compareTo(world.setup.timing().suspicion()) > 0;
    var since = Optional.ofNullable(lostAt.get(it));
    if (silent && since.filter(lost -> lost.compareTo(heard) < 0).isEmpty()) {
      since = Optional.of(heard);
    }
    var there = world.host(it.node());
    return new SyncView.Standby(
        it,
        streaming,
        isSettled(there, it),
        new Lsn(replication.confirmedBy(it)),
        since,
        there.tags());
  }

  private static boolean isSettled(Host there, Incarnation data) {
    return there.agent.up
        && there.agent.state.voter().incarnation().equals(data)
        && there.agent.state.local().position().isPresent();
  }
}
