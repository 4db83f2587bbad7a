package dev.matriarch.multijvm.chaos.check;

import java.time.Duration;

/**
 * What a cluster promises to its clients.
 *
 * @param staleReads for how long a primary that was replaced may go on to answer reads which nobody
 *     confirms: it is told of nothing, and stops when its lease or its connection to the others has
 *     ended
 */
public record Promises(Mode mode, Duration staleReads) {
  private static final Duration LEASE_OF_TRIALS = Duration.ofSeconds(5);
  private static final Duration FENCE_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration SLOW_MACHINE = Duration.ofSeconds(2);

  /** Of clusters with the settings of the trials: {@code ttl} 5, {@code fence_timeout} 2. */
  public static Promises of(Mode mode) {
    var silence = mode.isSynchronous() ? FENCE_TIMEOUT : LEASE_OF_TRIALS;
    return new Promises(mode, silence.plus(SLOW_MACHINE));
  }
}
