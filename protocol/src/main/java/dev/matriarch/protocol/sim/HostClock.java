package dev.matriarch.protocol.sim;

import java.time.Duration;

/**
 * The monotonic clock of a host: its own rate, its own zero.
 *
 * @param rate its seconds in a true second
 * @param offsetUs what it shows at the true time 0
 */
record HostClock(double rate, long offsetUs) {
  Duration at(long trueUs) {
    return Duration.ofNanos((long) ((offsetUs + trueUs * rate) * 1000));
  }

  /** How long, in true microseconds, until this clock shows {@code time}. */
  long untilUs(Duration time, long trueUs) {
    return (long) Math.ceil((time.toNanos() / 1000.0 - offsetUs) / rate) - trueUs;
  }

  /** A host that starts again begins its clock anew. */
  HostClock rebooted(long trueUs, long showsUs) {
    return new HostClock(rate, showsUs - (long) (trueUs * rate));
  }
}
