package dev.matriarch.protocol.ha;

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
    /** Stop PostgreSQL before {@code until}, on the host's clock. */
    record StopBefore(Duration until) implements Order {}

    /** Let it run. */
    record LetRun() implements Order {}

    /** Whatever was said last stays in force. */
    record Nothing() implements Order {}
  }

  public static Order order(LeaseView lease, Instance instance, Optional<Operation> busy) {
    return switch (lease) {
      case LeaseView.Mine(_, var until, _) -> new Order.StopBefore(until);
      case LeaseView.Theirs _, LeaseView.Vacant _, LeaseView.Loading _, LeaseView.Mute _ ->
          instance instanceof Instance.Standby && busy.filter(FencePolicy::makesAPrimary).isEmpty()
              ? new Order.LetRun()
              : new Order.Nothing();
    };
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
