package dev.matriarch.deploy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import dev.matriarch.config.LogSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Applies the file's {@code log} section to the logging library.
 *
 * <p>Until then, and whenever the directory cannot be used, the log goes to standard error: an
 * agent is not kept from its work by its log.
 */
final class Logging {
  /** Of logback.xml. */
  private static final String STANDARD_ERROR = "stderr";

  private static final String FILE = "matriarch.log";

  private Logging() {}

  static void apply(LogSettings settings) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      apply(settings, context);
    }
  }

  static void apply(LogSettings settings, LoggerContext context) {
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(level(settings.level()));
    settings.loggers().forEach((name, level) -> context.getLogger(name).setLevel(level(level)));
    if (root.getAppender(STANDARD_ERROR) instanceof OutputStreamAppender<ILoggingEvent> console) {
      if (settings.json()) {
        console.setEncoder(json(context));
      }
      settings.dir().ifPresent(dir -> toFile(settings, dir.resolve(FILE), root, console));
    }
  }

  private static void toFile(
      LogSettings settings, Path file, Logger root, OutputStreamAppender<ILoggingEvent> console) {
    // Rolling over needs a place for an older file: without one the file just grows.
    FileAppender<ILoggingEvent> appender =
        settings.fileNum() == 0 ? new FileAppender<>() : rolling(settings, file, root);
    appender.setContext(root.getLoggerContext());
    appender.setName("file");
    appender.setFile(file.toString());
    appender.setEncoder(console.getEncoder());
    var failure = unwritable(file);
    if (failure.isPresent()) {
      root.error(
          "log.dir: {} cannot be written ({}), and the log stays on standard error. Let the agent's"
              + " user write there, or name another directory, and start the agent again",
          file,
          failure.get());
      return;
    }
    appender.start();
    root.addAppender(appender);
    root.detachAppender(console);
  }

  /** The library tells only itself what it could not open. */
  private static Optional<String> unwritable(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  /** {@code matriarch.log}, and {@code matriarch.log.1} and so on, of which 1 is the newest. */
  private static RollingFileAppender<ILoggingEvent> rolling(
      LogSettings settings, Path file, Logger root) {
    var appender = new RollingFileAppender<ILoggingEvent>();
    // Also needed before the policy starts, which asks for it.
    appender.setFile(file.toString());
    var older = new OlderFiles(settings.fileNum());
    older.setContext(root.getLoggerContext());
    older.setParent(appender);
    older.setFileNamePattern(file + ".%i");
    older.start();
    var size = new SizeBasedTriggeringPolicy<ILoggingEvent>();
    size.setContext(root.getLoggerContext());
    size.setMaxFileSize(new FileSize(settings.fileSizeBytes()));
    // The agent says little: the size is looked at with every line.
    size.setCheckIncrement(Duration.buildByMilliseconds(0));
    size.start();
    appender.setRollingPolicy(older);
    appender.setTriggeringPolicy(size);
    return appender;
  }

  /** The library's own bound on the number of files is lower than what may be configured. */
  private static final class OlderFiles extends FixedWindowRollingPolicy {
    private final int number;

    OlderFiles(int number) {
      this.number = number;
      setMinIndex(1);
      setMaxIndex(number);
    }

    @Override
    protected int getMaxWindowSize() {
      return number;
    }
  }

  /** The text of the line is {@code formattedMessage}. */
  private static Encoder<ILoggingEvent> json(LoggerContext context) {
    var encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithFormattedMessage(true);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithContext(false);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithMDC(false);
    encoder.start();
    return encoder;
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
