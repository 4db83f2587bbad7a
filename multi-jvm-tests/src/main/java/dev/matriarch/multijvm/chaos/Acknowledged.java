package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.chaos.history.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** When clients were told that something is stored. Moments are of {@link System#nanoTime}. */
final class Acknowledged {
  private Acknowledged() {}

  /** The first write that was both asked for and acknowledged after a moment. */
  static Optional<Long> firstAfter(List<Operation> history, long moment) {
    return history.stream()
        .filter(it -> it.invoked() >= moment && it.isAcknowledgedWrite())
        .map(Operation::completed)
        .min(Long::compare);
  }

  /** The longest time without any, between two moments. */
  static Duration longestGap(List<Operation> history, long from, long until) {
    var moments =
        history.stream()
            .filter(it -> it.completed() > from && it.completed() < until)
            .filter(Operation::isAcknowledgedWrite)
            .mapToLong(Operation::completed)
            .sorted()
            .toArray();
    var last = from;
    var longest = 0L;
    for (var moment : moments) {
      longest = Math.max(longest, moment - last);
      last = moment;
    }
    return Duration.ofNanos(Math.max(longest, until - last));
  }
}
