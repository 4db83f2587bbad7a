package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.NamesInUse;
import dev.matriarch.protocol.sync.StandbyNames;
import dev.matriarch.protocol.sync.SyncSetting;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the processes of one primary wait for: a change reaches each of them at a time of its own.
 * The way from one value to the next is the shipped one.
 */
final class InForce {
  /**
   * What commits wait for while values are mixed: a walsender counts by its own number, and counts
   * every connection that finds itself named.
   *
   * @param awaited the smallest number of any value
   * @param inOrder only where there is one value
   * @param named by any value
   */
  record Waiting(int awaited, boolean inOrder, Set<Incarnation> named) {}

  private final Host host;
  private SyncSetting goal = new SyncSetting.Unset();
  private NamesInUse values = NamesInUse.only(StandbyNames.NONE, StandbyNames.NONE);
  private long change;

  /** Where the WAL ended once all processes went by the goal. */
  private Optional<Long> sinceEnd = Optional.empty();

  InForce(Host host) {
    this.host = host;
  }

  /** In the files of a PostgreSQL that does not run. */
  void configured(SyncSetting setting) {
    goal = setting;
    change++;
    values = NamesInUse.only(names(), names());
    markHeld();
  }

  void begun(SyncSetting setting, long end) {
    configured(setting);
    sinceEnd = Optional.of(end);
  }

  void set(SyncSetting setting) {
    if (!goal.equals(setting)) {
      goal = setting;
      sinceEnd = Optional.empty();
      markHeld();
      step(++change);
      host.world.ambushes.settingChanges(host);
    }
  }

  private void step(long thisChange) {
    var world = host.world;
    var next = world.mutation == Mutation.VALUES_MIXED ? names() : values.next(names());
    values = values.with(names(), next);
    world.time.after(
        world.dice.between(1_000, world.hostile && world.dice.hits(0.2) ? 800_000 : 30_000),
        () -> {
          if (thisChange != change) {
            return;
          }
          values = NamesInUse.only(names(), next);
          if (values.isOnly(names())) {
            sinceEnd = host.postgres.wal.map(Wal::end);
          } else {
            world.marks.reached(Mark.ANOTHER_VALUE_BETWEEN);
            step(thisChange);
          }
        });
  }

  private void markHeld() {
    if (goal instanceof SyncSetting.Held) {
      host.world.marks.reached(Mark.COMMITS_HELD);
    }
  }

  private StandbyNames names() {
    return StandbyNames.of(goal, host.id);
  }

  /** What was asked for last. */
  SyncSetting goal() {
    return goal;
  }

  /** What some process may still go by; the newest last. */
  List<SyncSetting> possible() {
    var me = new Incarnation(host.id, host.postgres.replication.incarnation);
    return values.values().stream().map(it -> it.meaning(me)).toList();
  }

  Optional<Long> sinceEnd() {
    return sinceEnd;
  }

  /** Whether some process waits for nobody. */
  boolean mayBeUnset() {
    return values.mayBeUnset();
  }

  /** For whom commits wait, if they do not wait for nobody; empty: all are held. */
  Optional<Waiting> waiting() {
    var counting = values.values().stream().filter(it -> !it.sameAs(StandbyNames.HOLD)).toList();
    return counting.stream()
        .map(StandbyNames::count)
        .min(Integer::compare)
        .map(least ->
            new Waiting(
                least,
                counting.size() == 1 && counting.getFirst().inOrder(),
                counting.stream()
                    .flatMap(it -> it.names().stream())
                    .flatMap(it -> IncarnationName.parse(it).stream())
                    .collect(Collectors.toSet())));
  }
}
