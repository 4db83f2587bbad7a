package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.Operation;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The time in which a node certainly stored something on a timeline and said so. When something was
 * committed is known only as between its invocation and its answer, which may have been long under
 * way: so it lasts from the earliest answer to the latest invocation of those that were answered.
 */
record Reign(String node, int timeline, List<Operation> acknowledged) {
  private record Owner(String node, int timeline) {}

  static List<Reign> of(Evidence evidence) {
    return evidence
        .acknowledgedWrites()
        .collect(Collectors.groupingBy(it -> new Owner(it.node(), Evidence.timeline(it))))
        .entrySet()
        .stream()
        .map(it -> new Reign(it.getKey().node(), it.getKey().timeline(), it.getValue()))
        .sorted(Comparator.comparingInt(Reign::timeline).thenComparing(Reign::node))
        .toList();
  }

  /** The one that was answered first. */
  Operation first() {
    return acknowledged.stream().min(Comparator.comparingLong(Operation::completed)).orElseThrow();
  }

  /** The one that was begun last. */
  Operation last() {
    return acknowledged.stream().max(Comparator.comparingLong(Operation::invoked)).orElseThrow();
  }
}
