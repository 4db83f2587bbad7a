package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.chaos.fault.Strike;
import dev.matriarch.multijvm.chaos.fault.Struck;
import dev.matriarch.multijvm.chaos.history.History;
import java.util.Optional;

/**
 * A strike as it happened.
 *
 * @param begun when it was done, and {@code ended} when it was undone, of {@link System#nanoTime}
 */
record StrikeReport(Strike strike, Struck struck, long begun, long ended) {
  String text() {
    return switch (struck) {
      case Struck.Done done -> "%s (%s)".formatted(strike, done.what());
      case Struck.Moot(var why) -> "%s (nothing to do: %s)".formatted(strike, why);
      case Struck.NotSupported(var why) -> "%s (not supported: %s)".formatted(strike, why);
    };
  }

  /** Whether it met this node, and not all. */
  boolean isOf(String node) {
    return struck instanceof Struck.Done done && done.node().equals(Optional.of(node));
  }

  /** If it made the clock of this node jump. */
  Optional<JumpingClock.Jump> clockJump(String node, History.Origin origin) {
    return struck instanceof Struck.Done done && isOf(node) && !done.clockOff().isZero()
        ? Optional.of(
            new JumpingClock.Jump(origin.wall(begun), origin.wall(ended), done.clockOff()))
        : Optional.empty();
  }

  boolean isDone() {
    return struck instanceof Struck.Done;
  }
}
