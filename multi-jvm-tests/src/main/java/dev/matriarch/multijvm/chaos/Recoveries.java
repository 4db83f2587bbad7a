package dev.matriarch.multijvm.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** How long it took to recover, by kind of fault: as a table in Markdown and as a picture. */
final class Recoveries {
  /** Median of an even number of values: the mean of the two in the middle. */
  record Times(int count, double median, double worst) {
    static Times of(Collection<Duration> durations) {
      if (durations.isEmpty()) {
        throw new IllegalArgumentException("no times");
      }
      var sorted = durations.stream().map(it -> it.toNanos() / 1e9).sorted().toList();
      var middle = (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
      return new Times(sorted.size(), middle, sorted.getLast());
    }
  }

  private final SortedMap<String, List<RoundReport>> kinds = new TreeMap<>();

  static Recoveries of(List<RoundReport> rounds) {
    var recoveries = new Recoveries();
    for (var round : rounds) {
      if (!round.kind().isEmpty()) {
        recoveries.kinds.computeIfAbsent(round.kind(), _ -> new ArrayList<>()).add(round);
      }
    }
    return recoveries;
  }

  SortedMap<String, List<RoundReport>> kinds() {
    return kinds;
  }

  static Times times(List<RoundReport> rounds, Function<RoundReport, Duration> figure) {
    return Times.of(rounds.stream().map(figure).toList());
  }

  /** Seconds, median and worst. */
  String table() {
    var lines = new ArrayList<String>();
    lines.add(
        "| fault | n | no acknowledgement, median | worst | healed to writable, median | worst |"
            + " healed to whole, median | worst |");
    lines.add("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    kinds.forEach((kind, rounds) ->
        lines.add(
            "| %s | %d | %s | %s | %s |"
                .formatted(
                    kind,
                    rounds.size(),
                    cells(times(rounds, RoundReport::outage)),
                    cells(times(rounds, RoundReport::writable)),
                    cells(times(rounds, RoundReport::whole)))));
    return String.join(System.lineSeparator(), lines);
  }

  private static String cells(Times times) {
    return String.format(Locale.ROOT, "%.1f | %.1f", times.median(), times.worst());
  }
}
