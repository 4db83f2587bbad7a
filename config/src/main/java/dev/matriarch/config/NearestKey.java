package dev.matriarch.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;

/** Finds what somebody meant to write. */
final class NearestKey {
  private NearestKey() {}

  /** The known key with the fewest letters to change, if not too many. */
  static Optional<String> of(String written, Collection<String> known) {
    return new TreeSet<>(known)
        .stream()
            .min(Comparator.comparingInt(key -> distance(written, key)))
            .filter(key -> distance(written, key) <= Math.max(2, written.length() / 3));
  }

  /** Levenshtein's distance, one row at a time. */
  private static int distance(String from, String to) {
    var row = new int[to.length() + 1];
    for (var column = 0; column < row.length; column++) {
      row[column] = column;
    }
    for (var line = 1; line <= from.length(); line++) {
      var diagonal = row[0];
      row[0] = line;
      for (var column = 1; column < row.length; column++) {
        var changed = diagonal + (from.charAt(line - 1) == to.charAt(column - 1) ? 0 : 1);
        diagonal = row[column];
        row[column] = Math.min(changed, Math.min(row[column], row[column - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
