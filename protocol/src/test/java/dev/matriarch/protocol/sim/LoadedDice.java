package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Dice that fall alike each time: whatever takes between 1 and 3 ms takes 2. */
final class LoadedDice extends Dice {
  private final Map<NodeId, Double> jitters;
  private long ids;

  /**
   * @param jitters the part of a rank step by which each node lets others go first
   */
  LoadedDice(Map<NodeId, Double> jitters) {
    super(0);
    this.jitters = Map.copyOf(jitters);
  }

  @Override
  boolean hits(double probability) {
    return probability >= 0.5;
  }

  @Override
  long between(long min, long max) {
    return min + (max - min) / 2;
  }

  @Override
  Duration upTo(Duration max) {
    return max.dividedBy(2);
  }

  @Override
  Duration jitter(NodeId node, Duration max) {
    return Duration.ofNanos((long) (max.toNanos() * jitters.getOrDefault(node, 0.5)));
  }

  @Override
  long id() {
    return ++ids;
  }

  @Override
  double of(double... choices) {
    return choices[choices.length / 2];
  }

  @Override
  <T> T of(List<T> choices) {
    return choices.get(choices.size() / 2);
  }

  @Override
  long exponential(long mean) {
    return mean;
  }
}
