package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.AcknowledgedRow;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What can be told from the rows that were acknowledged.
 *
 * @param rows in the order of their acknowledgement
 */
record Acknowledgements(List<AcknowledgedRow> rows) {
  /**
   * The time in which a node certainly took rows on a timeline. When a row was committed is known
   * only as between its begin and its acknowledgement, which may have been long under way.
   *
   * @param first the earliest acknowledgement
   * @param last the latest begin
   */
  private record Reign(String node, int timeline, long first, long last) {
    static Reign of(List<AcknowledgedRow> rows) {
      var row = rows.getFirst();
      return new Reign(
          row.node(),
          row.timeline(),
          rows.stream().mapToLong(AcknowledgedRow::acknowledged).min().orElseThrow(),
          rows.stream().mapToLong(AcknowledgedRow::begun).max().orElseThrow());
    }
  }

  private record Owner(String node, int timeline) {}

  /**
   * Two nodes that acknowledged in the same time.
   *
   * @param rows of both, in that time
   * @param longestNanos of any two nodes
   */
  record Overlap(int rows, long longestNanos) {}

  Acknowledgements {
    rows = rows.stream().sorted(Comparator.comparingLong(AcknowledgedRow::acknowledged)).toList();
  }

  // --- two primaries ----------------------------------------------------------------------------

  Overlap overlap() {
    var reigns =
        rows.stream()
            .collect(Collectors.groupingBy(it -> new Owner(it.node(), it.timeline())))
            .values()
            .stream()
            .map(Reign::of)
            .toList();
    var longest = 0L;
    var doubly = new HashSet<Long>();
    for (var one : reigns) {
      for (var other : reigns) {
        var from = Math.max(one.first(), other.first());
        var until = Math.min(one.last(), other.last());
        if (one.node().compareTo(other.node()) < 0 && from <= until) {
          longest = Math.max(longest, until - from);
          doubly.addAll(ids(one, from, until));
          doubly.addAll(ids(other, from, until));
        }
      }
    }
    return new Overlap(doubly.size(), longest);
  }

  private Set<Long> ids(Reign reign, long from, long until) {
    return rows.stream()
        .filter(it -> it.node().equals(reign.node()) && it.timeline() == reign.timeline())
        .filter(it -> it.acknowledged() >= from && it.begun() <= until)
        .map(AcknowledgedRow::id)
        .collect(Collectors.toSet());
  }

  // --- loss -------------------------------------------------------------------------------------

  /** The keys of rows that were acknowledged and are not stored. */
  Set<Long> missing(Collection<Long> stored) {
    var missing = rows.stream().map(AcknowledgedRow::id).collect(Collectors.toSet());
    missing.removeAll(new HashSet<>(stored));
    return missing;
  }

  // --- time -------------------------------------------------------------------------------------

  Optional<AcknowledgedRow> lastOf(String node) {
    return rows.reversed().stream().filter(it -> it.node().equals(node)).findFirst();
  }

  /**
   * The longest time without an acknowledgement that overlaps a window: it counts from the last row
   * before the window, and to the end of the window if none came.
   */
  long longestGap(Predicate<AcknowledgedRow> counts, long from, long until) {
    var last = from;
    var longest = 0L;
    for (var row : rows) {
      if (!counts.test(row)) {
        continue;
      }
      if (row.acknowledged() > from) {
        longest = Math.max(longest, Math.min(row.acknowledged(), until) - last);
        if (row.acknowledged() >= until) {
          return longest;
        }
      }
      last = row.acknowledged();
    }
    return Math.max(longest, until - last);
  }

  /** The longest gap that any single one of these writers had. */
  long longestGapOfOne(Collection<String> writers, long from, long until) {
    return writers.stream()
        .mapToLong(writer -> longestGap(it -> it.writer().equals(writer), from, until))
        .max()
        .orElse(0);
  }
}
