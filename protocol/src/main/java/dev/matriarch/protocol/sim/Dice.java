package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** All chance of a world; the same seed throws the same. */
class Dice {
  private final SplittableRandom random;

  Dice(long seed) {
    random = new SplittableRandom(seed);
  }

  boolean hits(double probability) {
    return random.nextDouble() < probability;
  }

  /** From {@code min} to {@code max}, both possible. */
  long between(long min, long max) {
    return random.nextLong(min, max + 1);
  }

  Duration upTo(Duration max) {
    return Duration.ofNanos(random.nextLong(max.toNanos()));
  }

  /** By how much {@code node} lets others go first. */
  Duration jitter(NodeId node, Duration max) {
    return upTo(max);
  }

  /** A number that nobody else has. */
  long id() {
    return between(1, 1L << 40);
  }

  double of(double... choices) {
    return choices[random.nextInt(choices.length)];
  }

  <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** A waiting time with this mean, memoryless. */
  long exponential(long mean) {
    return (long) (-mean * Math.log(1 - random.nextDouble()));
  }
}
