package dev.matriarch.multijvm.bench;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * One figure of several runs.
 *
 * @param median of an even number of values: the mean of the two in the middle
 */
record Summary(int count, double median, double worst) {
  /**
   * Empty for no values.
   *
   * @param order the worst comes last
   */
  static Optional<Summary> of(Collection<Double> values, Comparator<Double> order) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    var sorted = values.stream().sorted(order).toList();
    var upper = sorted.get(sorted.size() / 2);
    var lower = sorted.get((sorted.size() - 1) / 2);
    return Optional.of(new Summary(sorted.size(), (lower + upper) / 2, sorted.getLast()));
  }
}
