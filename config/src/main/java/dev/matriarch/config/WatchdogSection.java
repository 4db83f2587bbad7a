package dev.matriarch.config;

import dev.matriarch.config.WatchdogSettings.Mode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** Reads {@code watchdog}. */
final class WatchdogSection {
  private static final Path DEVICE = Path.of("/dev/watchdog");

  /** Half of the ttl: five seconds, as elsewhere, would leave nothing of our shorter ttl. */
  private static final Duration SAFETY_MARGIN = Duration.ofSeconds(-1);

  private WatchdogSection() {}

  static WatchdogSettings read(Section root, Findings findings) {
    var section = root.sectionOrEmpty("watchdog");
    var mode =
        switch (section.text("mode").orElse("automatic").toLowerCase(Locale.ROOT)) {
          case "automatic" -> Mode.AUTOMATIC;
          case "required" -> Mode.REQUIRED;
          case "off", "false", "no" -> Mode.OFF;
          default -> {
            section.problem("mode", "Write off, automatic or required.");
            yield Mode.OFF;
          }
        };
    var settings =
        new WatchdogSettings(
            mode,
            section.path("device").orElse(DEVICE),
            section.duration("safety_margin", SAFETY_MARGIN, SAFETY_MARGIN),
            isTesting(section));
    section.finish(Map.of());
    return settings;
  }

  private static boolean isTesting(Section section) {
    return switch (section.text("driver").orElse("default").toLowerCase(Locale.ROOT)) {
      case "default" -> false;
      case "testing" -> true;
      default -> {
        section.problem("driver", "Leave it out for Linux's device, or write testing.");
        yield false;
      }
    };
  }
}
