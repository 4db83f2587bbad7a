package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.LeaseView;
import java.time.Duration;
import java.util.Optional;

/**
 * What the guardian process is to be told, so that no primary outlives its lease.
 *
 * <p>A deadline is lifted only while PostgreSQL was just seen as a standby and nothing is under way
 * that could make it a primary.
 */
public final class FencePolicy {
  private FencePolicy() {}

  /** A line for the guardian. */
  public sealed interface Order {
    /**
     * Stop PostgreSQL before {@code until}, on the host's clock.
     *
     * @param ttl of the lease
     * @param spare how much later the lease itself ends: in synchronous mode the guardian stops
     *     PostgreSQL before that, for the sake of its clients
     */
    record StopBefore(Duration until, Duration ttl, Duration spare) implements Order {}

    /** Let it run. */
    record LetRun() implements Order {}

    /** Whatever was said last stays in force. */
    record Nothing() implements Order {}
  }

  public static Order order(LeaseView lease, Instance instance, Optional<Operation> busy) {
    return switch (lease) {
      case LeaseView.Mine(_, var until, var record) ->
          new Order.StopBefore(until, Duration.ofMillis(record.ttlMs()), spare(record));
      case LeaseView.Theirs _, LeaseView.Vacant _, LeaseView.Loading _, LeaseView.Mute _ ->
          instance instanceof Instance.Standby && busy.filter(FencePolicy::makesAPrimary).isEmpty()
              ? new Order.LetRun()
              : new Order.Nothing();
    };
  }

  private static Duration spare(ClusterRecord record) {
    var timing = ElectionTiming.DEFAULT;
    var spare = timing.lease(record.ttlMs()).minus(timing.fenceTimeout());
    return record.sync().isEmpty() || spare.isNegative() ? Duration.ZERO : spare;
  }

  private static boolean makesAPrimary(Operation operation) {
    return switch (operation) {
      case INITIALISE, START_PRIMARY, PROMOTE -> true;
      case CLONE,
          START_STANDBY,
          STOP,
          FOLLOW,
          CRASH_RECOVERY,
          JUDGE,
          REWIND,
          FENCE,
          FETCH,
          TAKE_INCARNATION ->
          false;
    };
  }
}
