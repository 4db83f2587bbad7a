package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Named situations, each a file with all that follows from it; {@code -Dscenarios.update} writes
 * what follows anew, for reading the difference.
 */
class ScenarioTest {
  private static final Path FOLDER = Path.of("src/test/resources/scenarios");
  private static final int FILES_MIN = 16;

  private static final String SMALL =
      """
      members: a b c
      data: a b c
      %s
      --- script
      %s
      1s end
      --- trace
      """;

  private static List<Path> files() throws IOException {
    try (var files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  @TestFactory
  Stream<DynamicTest> situationsGoAsTheFilesTell() throws IOException {
    return files().stream()
        .map(it -> DynamicTest.dynamicTest(name(it), it.toUri(), () -> goesAsTold(it)));
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".txt", "").replace('-', ' ');
  }

  private static void goesAsTold(Path file) throws IOException {
    var text = ScenarioText.parse(Files.readString(file));
    var trace = Scenario.play(text);
    if (System.getProperty("scenarios.update") != null) {
      Files.writeString(file, text.with(trace));
    }
    assertThat(String.join("\n", trace) + "\n")
        .as("what follows in %s (-Dscenarios.update writes it anew)", file)
        .isEqualTo(String.join("\n", ScenarioText.parse(Files.readString(file)).trace()) + "\n");
  }

  @Test
  void theFilesAreNamedAfterTheirSituation() throws IOException {
    assertThat(files())
        .hasSizeGreaterThanOrEqualTo(FILES_MIN)
        .allMatch(it -> it.getFileName().toString().matches("[a-z0-9]+(-[a-z0-9]+)+[.]txt"))
        .allSatisfy(it -> assertThat(Files.readString(it)).startsWith("# "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ""          | 0s explode a          | 'explode a' is none of
          ""          | 0s crash z            | z is no member
          ""          | soon crash a          | 'soon' is no time
          ""          | 0s mute Gossip of a   | there is no message Gossip
          weather: wet| 0s crash a            | 'weather' is none of
          mode: chaos | 0s crash a            | mode 'chaos' is neither
          begin: late | 0s crash a            | begin is settled or cold
          """)
  void aFileThatCannotBePlayedIsExplained(String setting, String event, String message) {
    assertThatThrownBy(() -> Scenario.play(ScenarioText.parse(SMALL.formatted(setting, event))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theSameScriptGivesTheSameTrace() {
    var text = ScenarioText.parse(SMALL.formatted("", "0s crash a"));
    assertThat(Scenario.play(text))
        .isEqualTo(Scenario.play(text))
        .anyMatch(it -> it.toLowerCase(Locale.ROOT).contains("the host is off"));
  }
}
