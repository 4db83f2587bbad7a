package dev.matriarch.protocol.election;

import java.time.Duration;

/**
 * The clockwork of the election. The length of the lease is not here: it is in the cluster record.
 *
 * @param heartbeat time between two beats of the leader
 * @param suspicion silence of the leader after which it counts as lost, at the least
 * @param rankStep how much longer a candidate waits for each better one
 * @param roundTimeout how long a candidate waits for answers
 * @param fenceTimeout how long a leader in synchronous mode goes on without a majority, at the
 *     most: the others do not wait for its lease, and its clients shall look elsewhere
 * @param drift how much the rates of two clocks may differ, as a fraction
 */
public record ElectionTiming(
    Duration heartbeat,
    Duration suspicion,
    Duration rankStep,
    Duration roundTimeout,
    Duration fenceTimeout,
    double drift) {

  /** The defaults: beats each 100 ms, suspicion after 500 ms, 1 % drift. */
  public static final ElectionTiming DEFAULT =
      new ElectionTiming(
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          Duration.ofMillis(150),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          0.01);

  /** How long a leader may count on a lease that voters count as {@code ttlMs}. */
  public Duration lease(long ttlMs) {
    return Duration.ofNanos((long) (ttlMs * 1e6 * (1 - drift)));
  }

  /** How often a message that found no answer is sent again. */
  Duration resend() {
    return heartbeat.plus(heartbeat); // a product goes by way of BigDecimal
  }
}
