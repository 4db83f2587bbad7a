package dev.matriarch.config;

import dev.matriarch.config.WatchdogSettings.Mode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Reads {@code watchdog}. */
final class WatchdogSection {
  private static final Path DEVICE = Path.of("/dev/watchdog");

  /** Half of the ttl: five seconds, as elsewhere, would leave nothing of our shorter ttl. */
  private static final Duration SAFETY_MARGIN = Duration.ofSeconds(-1);

  private static final String NO_DEVICE =
      "the guardian process stops PostgreSQL at the end of the lease; no watchdog device is opened";

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
            section.duration("safety_margin", SAFETY_MARGIN, SAFETY_MARGIN));
    warn(section, settings, findings);
    section.finish(NoEffect.WATCHDOG);
    return settings;
  }

  /** Whoever switches the device off has no need to hear that it is not used. */
  private static void warn(Section section, WatchdogSettings settings, Findings findings) {
    switch (settings.mode()) {
      case OFF -> {
        return;
      }
      case REQUIRED ->
          findings.notYet(
              section.pathOf("mode"),
              NO_DEVICE + ", and a member without one becomes primary all the same");
      case AUTOMATIC -> {}
    }
    if (!settings.device().equals(DEVICE)) {
      findings.notYet(section.pathOf("device"), NO_DEVICE);
    }
    if (!settings.safetyMargin().equals(SAFETY_MARGIN)) {
      findings.notYet(section.pathOf("safety_margin"), NO_DEVICE);
    }
  }
}
