package dev.matriarch.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.matriarch.config.LogSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a context of its own, configured by the distribution's logback.xml. */
final class LoggingTest {
  private static final long LARGE = 1 << 20;
  private static final String PLAIN_LINE =
      "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3} WARNING: the disk is full term=\"7\"";

  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();

  @TempDir private Path folder = Path.of("");

  @BeforeEach
  void configure() throws JoranException {
    context.setMDCAdapter(new LogbackMDCAdapter());
    var configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
    var console = root().getAppender("stderr");
    ((OutputStreamAppender<ILoggingEvent>) console).setOutputStream(standardError);
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private ch.qos.logback.classic.Logger root() {
    return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private void apply(boolean json, Optional<Path> dir, int fileNum, long fileSizeBytes) {
    Logging.apply(new LogSettings("INFO", json, dir, fileNum, fileSizeBytes, Map.of()), context);
  }

  private void warn() {
    context.getLogger("some.name").atWarn().addKeyValue("term", 7).log("the {} is full", "disk");
  }

  private String errors() {
    return standardError.toString(StandardCharsets.UTF_8);
  }

  @Test
  void withoutADirectoryTheLogStaysOnStandardError() {
    apply(false, Optional.empty(), 4, LARGE);
    warn();

    assertThat(errors().lines()).singleElement().asString().matches(PLAIN_LINE);
  }

  @Test
  void withADirectoryTheLogIsInItsFileAlone() throws IOException {
    var dir = folder.resolve("a/b");
    apply(false, Optional.of(dir), 4, LARGE);
    warn();

    assertThat(Files.readAllLines(dir.resolve("matriarch.log")))
        .singleElement()
        .asString()
        .matches(PLAIN_LINE);
    assertThat(errors()).isEmpty();
  }

  @Test
  void anotherStartGoesOnInTheSameFile() throws IOException {
    Files.writeString(folder.resolve("matriarch.log"), "of an earlier start\n");
    apply(false, Optional.of(folder), 4, LARGE);
    warn();

    assertThat(Files.readAllLines(folder.resolve("matriarch.log"))).hasSize(2);
  }

  @Test
  void aFileThatIsLargeMakesRoomAndTheOldestIsDropped() throws IOException {
    var files = 25;
    apply(false, Optional.of(folder), files, 1);
    IntStream.range(0, 2 * files).forEach(n -> context.getLogger("some.name").info("line {}", n));

    try (var written = Files.list(folder)) {
      assertThat(written).hasSize(files + 1);
    }
    assertThat(folder.resolve("matriarch.log")).content().endsWith("line 49\n");
    assertThat(folder.resolve("matriarch.log.1")).content().endsWith("line 48\n");
    assertThat(folder.resolve("matriarch.log.25")).content().endsWith("line 24\n");
  }

  @Test
  void withNoOlderFilesTheFileGrows() throws IOException {
    apply(false, Optional.of(folder), 0, 1);
    warn();
    warn();

    try (var written = Files.list(folder)) {
      assertThat(written).containsExactly(folder.resolve("matriarch.log"));
    }
    assertThat(Files.readAllLines(folder.resolve("matriarch.log"))).hasSize(2);
  }

  @Test
  void jsonIsOneObjectALine() throws IOException {
    apply(true, Optional.of(folder), 4, LARGE);
    warn();
    context.getLogger("some.name").error("a\n\"b\"", new IOException("no space"));

    var lines = Files.readAllLines(folder.resolve("matriarch.log"));
    assertThat(lines).hasSize(2);
    var first = new ObjectMapper().readTree(lines.getFirst());
    assertThat(first.path("formattedMessage").asText()).isEqualTo("the disk is full");
    assertThat(first.path("level").asText()).isEqualTo("WARN");
    assertThat(first.path("loggerName").asText()).isEqualTo("some.name");
    assertThat(first.path("timestamp").asLong()).isPositive();
    assertThat(first.path("kvpList").path(0).path("term").asText()).isEqualTo("7");
    var second = new ObjectMapper().readTree(lines.getLast());
    assertThat(second.path("formattedMessage").asText()).isEqualTo("a\n\"b\"");
    assertThat(second.path("throwable").path("message").asText()).isEqualTo("no space");
  }

  @Test
  void jsonGoesToStandardErrorToo() throws IOException {
    apply(true, Optional.empty(), 4, LARGE);
    warn();

    assertThat(new ObjectMapper().readTree(errors()).path("formattedMessage").asText())
        .isEqualTo("the disk is full");
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsSaidAndTheLogStaysOnStandardError() throws IOException {
    var file = Files.writeString(folder.resolve("file"), "");
    apply(false, Optional.of(file), 4, LARGE);
    warn();

    assertThat(errors().lines().toList())
        .hasSize(2)
        .first()
        .asString()
        .contains("ERROR: log.dir: " + file + "/matriarch.log cannot be written");
  }

  @Test
  void onlyTheWarningOfAnEarlierLifesMessagesIsQuiet() {
    var artery = "org.apache.pekko.remote.artery.";
    context.getLogger(artery + "compress.InboundActorRefCompression").warn("quiet");
    context.getLogger(artery + "compress.InboundManifestCompression").warn("quiet");
    context.getLogger(artery + "Decoder").warn("said");

    assertThat(errors()).endsWith("said\n").doesNotContain("quiet");
  }
}
