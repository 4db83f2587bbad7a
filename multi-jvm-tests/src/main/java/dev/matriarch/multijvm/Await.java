package dev.matriarch.multijvm;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Looks again and again until something is so. */
public final class Await {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  private Await() {}

  public static Duration until(String what, Duration patience, BooleanSupplier condition) {
    return until(what, patience, condition, () -> "");
  }

  /**
   * Returns how long it took.
   *
   * @param state asked for the message when the time is over
   * @throws AssertionError when the time is over
   */
  public static Duration until(
      String what, Duration patience, BooleanSupplier condition, Supplier<String> state) {
    var begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begin > patience.toNanos()) {
        throw new AssertionError(
            "waited %s in vain for %s%n%s".formatted(patience, what, state.get()));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /** Fails as soon as the condition does not hold, within this time. */
  public static void holdsFor(Duration time, BooleanSupplier condition, Supplier<String> state) {
    var begin = System.nanoTime();
    while (System.nanoTime() - begin < time.toNanos()) {
      if (!condition.getAsBoolean()) {
        throw new AssertionError(state.get());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
