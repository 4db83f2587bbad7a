package dev.matriarch.actors.postgres;

/**
 * The clock of leases: {@code CLOCK_BOOTTIME}, the time since the host's boot.
 *
 * <p>It never steps, and it counts while the host is suspended; {@link System#nanoTime} does not.
 * The guardian reads the same clock, so that a point in time means the same to both processes.
 */
public final class HostClock {
  private HostClock() {}

  public static long bootNanos() {
    return PosixCalls.bootNanos();
  }

  /** Rounded down. */
  public static long bootMillis() {
    return bootNanos() / 1_000_000;
  }
}
