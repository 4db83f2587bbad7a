package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.ha.TimelineClaim;
import java.util.List;

/**
 * Somebody who knows nothing of the cluster promotes a standby now and then. What clients are told
 * there is his own affair; what the others have acknowledged must not suffer. (WAL that is written
 * so does not get into the archive: a standby that asks it for the latest timeline would go there.)
 */
final class HandPromotions {
  private static final long EVERY_US = 6_000_000;

  /** More than a walk writes in a moment. */
  static final long MISSED_BYTES = 100_000;

  private final World world;

  HandPromotions(World world) {
    this.world = world;
  }

  void begin() {
    if (world.surroundings.handPromotions()) {
      next();
    }
  }

  private void next() {
    world.time.after(
        world.dice.exponential(EVERY_US),
        () -> {
          if (world.hostile) {
            var host = world.dice.of(world.hosts());
            if (mayBe(host)) {
              world.marks.reached(Mark.PROMOTED_BY_HAND);
              world.trace.note(host.id, () -> "*** somebody promotes PostgreSQL by hand");
              host.postgres.promotedByHand();
            }
            next();
          }
        });
  }

  /**
   * Not to a number that the record gave it: that cannot be told from its own promotion. And not
   * where it alone may hold more than {@code maximum_lag_on_failover}: nobody else would lead then.
   */
  private boolean mayBe(Host host) {
    var isMissed = !world.setup.synchronous() && world.setup.lagMaxBytes() < MISSED_BYTES;
    var history = host.disk.record().map(ClusterRecord::history).orElse(List.of());
    return !isMissed
        && host.postgres.phase == Postgres.Phase.STANDBY
        && !host.postgres.stopping
        && host.postgres.hasReplayed()
        && host.agent.up
        && host.agent.state.standing() instanceof Standing.Idle
        && !TimelineClaim.isGiven(
            host.id, host.postgres.timeline() + 1, host.postgres.promotedTo, history)
        && world.referee.canSpareData(host);
  }
}
