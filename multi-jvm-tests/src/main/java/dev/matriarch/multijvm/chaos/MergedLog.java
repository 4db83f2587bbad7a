package dev.matriarch.multijvm.chaos;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Logs of several programs on several hosts as one, in the order of time. */
final class MergedLog {
  private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  /** One line, or one with those that go on where it began. */
  record Line(Instant at, String source, String text) {}

  private final ZoneId here;
  private final Instant from;
  private final List<Line> lines = new ArrayList<>();

  /**
   * Empty.
   *
   * @param here the zone of times that name none, and of the merged log
   * @param from lines before it are left out
   */
  MergedLog(ZoneId here, Instant from) {
    this.here = here;
    this.from = from;
  }

  void add(Line line) {
    lines.add(line);
  }

  /**
   * Adds a log. The order of its lines is kept: one with an earlier time than the line above it, or
   * with none, counts as written at the same moment.
   */
  void add(String source, List<String> log, JumpingClock clock) {
    var at = Instant.EPOCH;
    for (var text : log) {
      var stamp = LogTime.of(text, here);
      if (stamp.isPresent()) {
        at = clock.truth(stamp.get(), at);
      }
      lines.add(new Line(at, source, text.substring(LogTime.length(text)).stripLeading()));
    }
  }

  /** Of lines of one moment those of an earlier added log come first. */
  Stream<String> lines() {
    var width = lines.stream().mapToInt(it -> it.source().length()).max().orElse(0);
    return lines.stream()
        .filter(it -> !it.at().isBefore(from))
        .sorted(Comparator.comparing(Line::at))
        .map(it ->
            "%s %s| %s"
                .formatted(
                    LocalTime.ofInstant(it.at(), here).format(FORM),
                    it.source() + " ".repeat(width - it.source().length() + 1),
                    it.text()));
  }
}
