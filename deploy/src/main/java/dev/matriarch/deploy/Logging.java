package dev.matriarch.deploy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.matriarch.config.LogSettings;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/** Applies the file's {@code log} section to the logging library. */
final class Logging {
  private Logging() {}

  static void apply(LogSettings settings) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level(settings.level()));
      settings.loggers().forEach((name, level) -> context.getLogger(name).setLevel(level(level)));
    }
  }

  /** The file's words are those of Python's logging. */
  private static Level level(String word) {
    return switch (word.toUpperCase(Locale.ROOT)) {
      case "CRITICAL", "FATAL" -> Level.ERROR;
      case "WARNING" -> Level.WARN;
      default -> Level.toLevel(word, Level.INFO);
    };
  }
}
