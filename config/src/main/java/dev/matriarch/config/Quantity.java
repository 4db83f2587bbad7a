package dev.matriarch.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Numbers with a unit, and booleans, as PostgreSQL and Patroni write them: {@code 30min}, {@code
 * 128MB}, {@code on}.
 */
final class Quantity {
  /** Longer spans are surely a mistake, and would overflow nanoseconds in the end. */
  static final Duration LONGEST = Duration.ofDays(3660);

  private static final Pattern FORM =
      Pattern.compile("([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)\\s*([A-Za-z]*)");
  private static final Map<String, Double> SECONDS =
      Map.of("us", 1e-6, "ms", 1e-3, "", 1.0, "s", 1.0, "min", 60.0, "h", 3600.0, "d", 86_400.0);
  private static final Map<String, Long> BYTES =
      Map.of("", 1L, "b", 1L, "kb", 1L << 10, "mb", 1L << 20, "gb", 1L << 30, "tb", 1L << 40);

  private Quantity() {}

  /** A number is in seconds; a text may have a unit: us, ms, s, min, h, d. */
  static Optional<Duration> duration(Object json) {
    return number(json, SECONDS)
        .filter(seconds -> Math.abs(seconds) <= LONGEST.toSeconds())
        .map(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)));
  }

  /** A number is in bytes; a text may have a unit: B, kB, MB, GB, TB. Fractions are rounded. */
  static Optional<Long> bytes(Object json) {
    return number(json, BYTES).filter(bytes -> Math.abs(bytes) < 0x1p62).map(Math::round);
  }

  static Optional<Long> integer(Object json) {
    return switch (json) {
      case Integer number -> Optional.of(number.longValue());
      case Long number -> Optional.of(number);
      case String text when text.strip().matches("[-+]?\\d{1,18}") ->
          Optional.of(Long.parseLong(text.strip()));
      default -> Optional.empty();
    };
  }

  static Optional<Boolean> truth(Object json) {
    return switch (json.toString().strip().toLowerCase(Locale.ROOT)) {
      case "true", "on", "yes", "1" -> Optional.of(true);
      case "false", "off", "no", "0" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** A PostgreSQL parameter's value; empty for lists and sections. */
  static Optional<String> parameter(Object json) {
    return switch (json) {
      case Boolean value -> Optional.of(value ? "on" : "off");
      case Double value -> Optional.of(BigDecimal.valueOf(value).toPlainString());
      case Number value -> Optional.of(value.toString());
      case String value -> Optional.of(value);
      default -> Optional.empty();
    };
  }

  /** {@code 2 s}, {@code 0.02 s}. */
  static String shown(Duration duration) {
    var seconds = BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros();
    return seconds.toPlainString() + " s";
  }

  private static Optional<Double> number(Object json, Map<String, ? extends Number> units) {
    if (json instanceof Number number) {
      return Optional.of(number.doubleValue()).filter(Double::isFinite);
    }
    var form = FORM.matcher(json.toString().strip());
    if (!(json instanceof String) || !form.matches()) {
      return Optional.empty();
    }
    return Optional.ofNullable(units.get(form.group(2).toLowerCase(Locale.ROOT)))
        .map(unit -> Double.parseDouble(form.group(1)) * unit.doubleValue())
        .filter(Double::isFinite);
  }
}
