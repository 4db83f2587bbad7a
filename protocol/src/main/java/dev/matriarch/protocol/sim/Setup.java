package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionTiming;
import java.time.Duration;

/**
 * What kind of world a seed draws. Larger than life, so that a walk meets what is rare: clocks a
 * fifth apart, a lease of a second.
 *
 * @param ttlMs the usual length of the lease; {@code longTtlMs} the other one
 * @param stopMaxUs how long PostgreSQL needs at most to be gone
 * @param lost probability that a message is lost
 * @param late probability that it comes seconds later
 * @param doubled probability that it comes twice
 * @param faultEveryUs mean time between two faults
 * @param synchronous whether leaders make and change a synchronous set
 * @param modeChanges whether they also switch it off
 * @param stubborn the probability that nothing stops a primary that was superseded
 * @param ownLinks whether PostgreSQL streams where agents do not hear each other
 * @param lateLines probability that the agent hangs before it writes to its guardian
 */
record Setup(
    int size,
    ElectionTiming timing,
    long ttlMs,
    long longTtlMs,
    long stopMaxUs,
    double lost,
    double late,
    double doubled,
    long faultEveryUs,
    double lateLines,
    long lagMaxBytes,
    boolean synchronous,
    boolean modeChanges,
    double stubborn,
    boolean ownLinks) {

  static final long GUARDIAN_LOOKS_EVERY_US = 10_000;

  static Setup drawn(Dice dice, boolean synchronous) {
    var drift = dice.of(0.1, 0.2);
    var timing =
        new ElectionTiming(
            Duration.ofMillis(100),
            Duration.ofMillis(300),
            Duration.ofMillis(60),
            Duration.ofMillis(500),
            Duration.ofMillis((long) dice.of(600, 1200)),
            drift);
    var modeChanges = dice.hits(0.3);
    return new Setup(
        dice.hits(0.65) ? 3 : 5,
        timing,
        1000,
        2500,
        200_000,
        dice.of(0, 0.02, 0.1),
        dice.of(0, 0.01, 0.05),
        dice.of(0, 0.05),
        (long) dice.of(250_000, 600_000, 1_500_000),
        dice.of(0, 0.02, 0.1),
        (long) dice.of(500, 1_000_000),
        synchronous,
        modeChanges,
        synchronous && !modeChanges ? dice.of(0, 0.3, 1) : 0,
        synchronous && dice.hits(0.5));
  }

  /** How far before its deadline a guardian begins to stop PostgreSQL, on the host's clock. */
  Duration margin() {
    var longestUs = (stopMaxUs + GUARDIAN_LOOKS_EVERY_US) * (1 + timing.drift() / 2) + 1000;
    return Duration.ofNanos((long) (longestUs * 1000));
  }
}
