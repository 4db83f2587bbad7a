package dev.matriarch.http;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads how many bytes a replica may lag: {@code 1048576}, {@code 16MB}, {@code 1.5 GB}. */
final class LagLimit {
  private static final Pattern FORM =
      Pattern.compile(
          "\\s*([+-]?(?:\\d{1,30}(?:\\.\\d{0,30})?|\\.\\d{1,30}))\\s*(B|kB|MB|GB|TB)?\\s*");
  private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  private LagLimit() {}

  /** The bytes, at most {@link Long#MAX_VALUE}; empty if the text is no size. */
  static Optional<Long> parse(String text) {
    var matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    var unit = Optional.ofNullable(matcher.group(2)).orElse("B");
    var bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(bytesOf(unit)));
    var bounded = bytes.min(MAX).max(MAX.negate());
    return Optional.of(bounded.setScale(0, RoundingMode.HALF_EVEN).longValueExact());
  }

  private static long bytesOf(String unit) {
    return switch (unit) {
      case "kB" -> 1L << 10;
      case "MB" -> 1L << 20;
      case "GB" -> 1L << 30;
      case "TB" -> 1L << 40;
      default -> 1;
    };
  }
}
