package dev.matriarch.multijvm.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.multijvm.chaos.check.Rule;
import dev.matriarch.multijvm.chaos.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlantedBugTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();

  private static final Pattern PRODUCT =
      Pattern.compile("(protocol|config|persistence|actors|http|deploy)/src/main/.*");

  private static final List<String> HEAD =
      List.of(
          "Broken: a rule",
          "  of two lines.",
          "Noticed: at once.",
          "Chaos: --mode off --rounds 1",
          "Found by: one thing; another",
          "",
          "diff --git a/file b/file",
          "--- a/file",
          "+++ b/file",
          "@@ -1 +1 @@",
          "-old",
          "+new");

  @TempDir Path tree;

  @Test
  void everyPatchFitsTheSources() throws IOException {
    for (var bug : bugs()) {
      for (var change : bug.patch().changes()) {
        var copy = tree.resolve(bug.name()).resolve(change.file());
        Files.createDirectories(copy.getParent());
        Files.copy(MODULE.resolveSibling(change.file()), copy);
      }
      bug.patch().applyTo(tree.resolve(bug.name()));
      for (var change : bug.patch().changes()) {
        assertThat(tree.resolve(bug.name()).resolve(change.file()))
            .as(bug.name())
            .content()
            .isNotEqualTo(Files.readString(MODULE.resolveSibling(change.file())));
      }
    }
  }

  @Test
  void noPatchTouchesAnythingButTheProduct() throws IOException {
    assertThat(bugs())
        .allSatisfy(bug ->
            assertThat(bug.patch().changes())
                .allSatisfy(it -> assertThat(it.file().toString()).matches(PRODUCT)));
  }

  @Test
  void eachOfTheFivePlacesHasABug() throws IOException {
    assertThat(bugs())
        .extracting(PlantedBug::name)
        .contains("fence", "guardian", "lease-margin", "planner-order", "rewind-decision");
  }

  @Test
  void whatABugIsFoundByIsSomethingThatChaosChecks() throws IOException {
    var checks =
        Stream.concat(
                Stream.of(Rule.values()).map(Rule::sentence),
                Stream.of("the whole cluster is still missing"))
            .toList();
    assertThat(bugs()).allSatisfy(bug -> assertThat(checks).containsAll(bug.foundBy()));
  }

  @Test
  void everyFaultThatABugIsFoundWithIsThere() throws IOException {
    assertThat(bugs())
        .allSatisfy(bug ->
            assertThat(bug.chaos().get(bug.chaos().indexOf("--faults") + 1).split(","))
                .allSatisfy(it -> assertThat(FaultKind.of(it)).as(it).isPresent()));
  }

  @Test
  void theHeadSaysWhatIsBrokenAndHowItIsFound() {
    var bug = PlantedBug.parse("name", HEAD);
    assertThat(bug.broken()).isEqualTo("a rule of two lines.");
    assertThat(bug.noticed()).isEqualTo("at once.");
    assertThat(bug.chaos()).containsExactly("--mode", "off", "--rounds", "1");
    assertThat(bug.foundBy()).containsExactly("one thing", "another");
  }

  @Test
  void aHeadThatLacksSomethingIsRefused() {
    assertThatThrownBy(() -> PlantedBug.parse("name", HEAD.subList(2, HEAD.size())))
        .hasMessageContaining("no 'Broken:'");
  }

  @Test
  void onlyWhatABugIsFoundByCounts() {
    var lines =
        List.of(
            "12:00:00 round 1: agent-frozen of primary",
            "PROBLEM: one thing: and its proof",
            "of several lines",
            "1 rounds, NOT well; see somewhere");
    assertThat(outcome(1, lines).found(List.of("another", "one thing")))
        .containsExactly("one thing");
    assertThat(outcome(1, lines).found(List.of("of several"))).isEmpty();
    assertThat(outcome(2, lines).found(List.of("one thing"))).isEmpty();
    assertThat(outcome(1, lines).rounds()).isEqualTo(1);
  }

  @Test
  void aCopyOfTheSourcesIsWithoutWhatWasMadeOfThem() throws IOException {
    for (var file : List.of("a/src/x", "a/target/y", ".git", "b.txt")) {
      var path = tree.resolve("from").resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, file);
    }
    new SourceTree(tree.resolve("from")).copyTo(tree.resolve("to"));
    assertThat(new SourceTree(tree.resolve("to")).files())
        .containsExactlyInAnyOrder(Path.of("a/src/x"), Path.of("b.txt"));
  }

  @Test
  void theTableSaysWhatWasFoundAndWhatWasNot() {
    var bug = PlantedBug.parse("name", HEAD);
    var table =
        Planted.table(
            List.of(
                new Trial.Result.Told(bug, List.of("one thing"), outcome(1, List.of())),
                new Trial.Result.Missed(bug, "it was not noticed: all is well")));
    assertThat(table.lines())
        .endsWith(
            "| name | one thing | 0 | 61 | `--mode off --rounds 1` |",
            "| name | NOT FOUND: it was not noticed: all is well | | | `--mode off --rounds 1` |");
  }

  private static ChaosOutcome outcome(int status, List<String> lines) {
    return new ChaosOutcome(status, lines, Duration.ofSeconds(61));
  }

  private static List<PlantedBug> bugs() throws IOException {
    return PlantedBug.allIn(MODULE.resolve("planted-bugs"));
  }
}
