package dev.matriarch.multijvm.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What came of a round.
 *
 * @param healed when the last fault was undone, of {@link System#nanoTime}
 * @param outage the longest time without an acknowledgement, from the first fault until all was
 *     whole
 * @param writable from healing to the next acknowledgement
 * @param whole from healing until all was as before
 * @param last what was still missing just before that; may be empty
 */
record RoundReport(
    int number,
    List<StrikeReport> strikes,
    long begun,
    long healed,
    Duration outage,
    Duration writable,
    Duration whole,
    String last) {
  RoundReport {
    strikes = List.copyOf(strikes);
  }

  String text() {
    return "round %d: %s: no acknowledgement for %s s; after healing writable in %s s, whole in %s s%s"
        .formatted(
            number,
            strikes.stream().map(StrikeReport::text).collect(Collectors.joining("; ")),
            seconds(outage),
            seconds(writable),
            seconds(whole),
            last.isEmpty() ? "" : " (last: %s)".formatted(last));
  }

  /** By which the recovery times are told apart; empty if nothing happened. */
  String kind() {
    var done = strikes.stream().filter(StrikeReport::isDone).toList();
    return switch (done.size()) {
      case 0 -> "";
      case 1 -> {
        var strike = done.getFirst().strike();
        yield "%s of %s"
            .formatted(strike.kind().option(), strike.whom().name().toLowerCase(Locale.ROOT));
      }
      default -> done.size() + " at a time";
    };
  }

  static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f", time.toNanos() / 1e9);
  }
}
