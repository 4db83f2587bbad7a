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
  private static final Path LIST = Path.of("../docs/internals/election-situations.md");
  private static final int FILES_MIN = 70;
  private static final int SYNCHRONOUS_MIN = 25;

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

  @Test
  void theListNamesEveryFile() throws IOException {
    var list = Files.readString(LIST);
    assertThat(files()).allSatisfy(it -> assertThat(list).contains("/" + it.getFileName() + ")"));
  }

  /** What the table says to be tried here is a file, or a test. */
  @Test
  void theListNamesNothingElse() throws IOException {
    var files = files().stream().map(it -> it.getFileName().toString()).toList();
    var named =
        Files.readAllLines(LIST).stream()
            .filter(it -> it.startsWith("| ") && !it.startsWith("| what") && !it.startsWith("| -"))
            .map(it -> it.split("[|]", -1)[2])
            .flatMap(it -> Stream.of(it.strip().split(", ", -1)))
            .filter(it -> !it.endsWith("Test"))
            .toList();
    assertThat(named).isNotEmpty().allSatisfy(it -> assertThat(files).contains(it + ".txt"));
  }

  @Test
  void everyFileSaysWhatMustHappen() throws IOException {
    var synchronous = 0;
    for (var file : files()) {
      var text = ScenarioText.parse(Files.readString(file));
      assertThat(text.script())
          .as("%s", file)
          .anyMatch(event -> event.what().startsWith("expect "));
      synchronous += text.setting("mode").isPresent() ? 1 : 0;
    }
    assertThat(synchronous).isGreaterThanOrEqualTo(SYNCHRONOUS_MIN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          expect leader b within 500ms     | expected at 0.000 s: leader b within 500ms, but a leads
          expect no leader for 500ms       | but a leads
          expect no leader but b           | but a leads
          expect no primary a              | but PostgreSQL: primary on timeline 2
          expect timeline 7                | but the timeline is 2
          expect standby a                 | but a does not stream from it
          expect fence b                   | but b is not fenced
          expect sync 2 of a b             | but the set is Optional.empty
          expect setting 2 of a b at a     | but PostgreSQL goes by Optional.empty
          expect commits within 500ms      | but no commits are acknowledged
          expect b lacks commits           | but b has all
          expect voters a b                | but the voters are
          expect ttl 7s                    | but the ttl is 5000 ms
          expect reason boredom            | but the reason is
          """)
  void whatGoesOtherwiseThanExpectedFails(String expectation, String message) {
    var text = ScenarioText.parse(SMALL.formatted("", "0s " + expectation));
    assertThatThrownBy(() -> Scenario.play(text))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(message);
  }

  @Test
  void anElectionThatWasNotExpectedFails() {
    var script = "0s hand over a\n0s expect no election for 900ms";
    assertThatThrownBy(() -> Scenario.play(ScenarioText.parse(SMALL.formatted("", script))))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("but there was an election");
  }

  @Test
  void aCommitThatWasNotExpectedFails() {
    var mode = "mode: quorum\nsync: 2 of a b c";
    var script = "0s expect no commits for 900ms";
    assertThatThrownBy(() -> Scenario.play(ScenarioText.parse(SMALL.formatted(mode, script))))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("but a commit was acknowledged");
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
          ""          | 0s expect a miracle   | 'expect a miracle' is none of
          ""          | 0s expect leader z    | z is no member
          ""          | 0s expect leader a for 9s | the script ends before it is known
          ""          | 2s crash a            | comes after something later
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
