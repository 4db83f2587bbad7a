package dev.matriarch.multijvm.chaos;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The time at the beginning of a line of a log. Agents write {@code 2026-01-02 03:04:05,678},
 * PostgreSQL {@code 2026-01-02 03:04:05.678 UTC}, guardians {@code 2026-01-02 03:04:05+0000}.
 */
final class LogTime {
  private static final Pattern STAMP =
      Pattern.compile(
          "^(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)(?:[,.](\\d{3}))?(?:"
              + " (UTC|GMT)|([+-]\\d{4}))?");
  private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private LogTime() {}

  /**
   * Empty for a line that goes on where another one began.
   *
   * @param here the zone of a time that names none
   */
  static Optional<Instant> of(String line, ZoneId here) {
    var found = STAMP.matcher(line);
    if (!found.find()) {
      return Optional.empty();
    }
    try {
      var zone =
          found.group(3) != null
              ? ZoneOffset.UTC
              : found.group(4) != null ? ZoneOffset.of(found.group(4)) : here;
      var millis = found.group(2) == null ? 0 : Long.parseLong(found.group(2));
      return Optional.of(
          LocalDateTime.parse(found.group(1), FORM).atZone(zone).toInstant().plusMillis(millis));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** How far the line's own time reaches; the rest is its text. */
  static int length(String line) {
    var found = STAMP.matcher(line);
    return found.find() ? found.end() : 0;
  }
}
