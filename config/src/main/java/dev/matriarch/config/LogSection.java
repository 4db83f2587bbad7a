package dev.matriarch.config;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads {@code log}. */
final class LogSection {
  private static final String LEVELS = "Write CRITICAL, ERROR, WARNING, INFO or DEBUG.";
  private static final String LEVEL = "INFO";
  private static final int FILE_NUM = 4;
  private static final long FILE_SIZE_BYTES = 25_000_000;

  private LogSection() {}

  static LogSettings read(Section root) {
    var section = root.sectionOrEmpty("log");
    var type = section.text("type").orElse("plain").toLowerCase(Locale.ROOT);
    if (!type.equals("plain") && !type.equals("json")) {
      section.problem("type", "Write plain or json.");
    }
    var written = section.sectionOrEmpty("loggers");
    var loggers = new LinkedHashMap<String, String>();
    for (var logger : written.keys()) {
      level(written, logger).ifPresent(level -> loggers.put(logger, level));
    }
    var settings =
        new LogSettings(
            level(section, "level").orElse(LEVEL),
            type.equals("json"),
            section.path("dir"),
            section.integer("file_num", FILE_NUM, 0, 10_000),
            section.bytes("file_size", FILE_SIZE_BYTES, 1),
            Map.copyOf(loggers));
    section.finish(NoEffect.LOG);
    return settings;
  }

  /** Python's other names of the levels are accepted too. */
  private static Optional<String> level(Section section, String key) {
    return section
        .text(key)
        .flatMap(text ->
            switch (text.toUpperCase(Locale.ROOT)) {
              case "CRITICAL", "FATAL" -> Optional.of("CRITICAL");
              case "ERROR" -> Optional.of("ERROR");
              case "WARNING", "WARN" -> Optional.of("WARNING");
              case "INFO" -> Optional.of("INFO");
              case "DEBUG", "NOTSET" -> Optional.of("DEBUG");
              default -> {
                section.problem(key, LEVELS);
                yield Optional.empty();
              }
            });
  }
}
