package dev.matriarch.multijvm.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.matriarch.multijvm.JvmNode;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where the time of a fail-over went, as far as the new primary tells it. */
final class Phases {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss,SSS");
  private static final Pattern LINE =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}) [A-Z]+: (.*)");

  private Phases() {}

  /**
   * What its log says, in milliseconds since the fault; and, as {@code took_…}, how long each phase
   * took by the newest of its {@code /failovers}.
   *
   * @param mark the length of its log before the fault
   */
  static Map<String, Double> toldBy(JvmNode primary, int mark, Fault.Moment fault) {
    var phases =
        logged(
            primary.logSince(mark),
            primary.name(),
            fault.wall().atZone(ZoneId.systemDefault()).toLocalDateTime());
    primary.rest().json("/failovers").map(Phases::recorded).ifPresent(phases::putAll);
    return phases;
  }

  /** The {@code phases_ms} of the newest; it need not have any. */
  static Map<String, Double> recorded(JsonNode failovers) {
    var phases = new LinkedHashMap<String, Double>();
    if (!failovers.isEmpty()) {
      failovers
          .get(failovers.size() - 1)
          .path("phases_ms")
          .properties()
          .forEach(it -> phases.put("took_" + it.getKey(), it.getValue().asDouble()));
    }
    return phases;
  }

  /**
   * The first line of each kind.
   *
   * @param fault in the time zone of the log
   */
  static Map<String, Double> logged(List<String> log, String name, LocalDateTime fault) {
    var phases = new LinkedHashMap<String, Double>();
    for (var line : log) {
      var parts = LINE.matcher(line);
      if (parts.matches()) {
        var ms = Duration.between(fault, LocalDateTime.parse(parts.group(1), TIME)).toMillis();
        phase(parts.group(2), name).ifPresent(it -> phases.putIfAbsent(it, (double) ms));
      }
    }
    return phases;
  }

  private static Optional<String> phase(String message, String name) {
    if (message.startsWith("leader: none (was ")) {
      return Optional.of("leader_lost");
    }
    if (message.startsWith("leader: %s (was ".formatted(name))) {
      return Optional.of("elected");
    }
    return message.startsWith("PROMOTE done") ? Optional.of("promoted") : Optional.empty();
  }
}
