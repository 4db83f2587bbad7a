package dev.matriarch.multijvm.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatchTest {
  private static final List<String> PATCH =
      """
      diff --git a/some/rule b/some/rule
      index 123..456 100644
      --- a/some/rule
      +++ b/some/rule
      @@ -7,3 +7,3 @@ in some method
       before

      -stop before the end
      +stop after the end
       after
      """
          .lines()
          .toList();

  @TempDir Path tree;

  @Test
  void itFitsWhereItsLinesAreWhateverTheirNumber() throws IOException {
    var file = file("something else", "before", "", "stop before the end", "after");
    Patch.parse(PATCH).applyTo(tree);
    assertThat(file).hasContent("something else\nbefore\n\nstop after the end\nafter\n");
  }

  @Test
  void itDoesNotFitWhereItsLinesHaveChanged() throws IOException {
    var file = file("before", "", "stop long before the end", "after");
    assertThatThrownBy(() -> Patch.parse(PATCH).applyTo(tree))
        .hasMessageContaining("some/rule has these lines no more");
    assertThat(file).content().contains("long before");
  }

  @Test
  void itDoesNotFitWhereItsLinesAreTwice() throws IOException {
    file(
        "before", "", "stop before the end", "after", "before", "", "stop before the end", "after");
    assertThatThrownBy(() -> Patch.parse(PATCH).applyTo(tree))
        .hasMessageContaining("several times");
  }

  @Test
  void itDoesNotFitWhereTheFileIsGone() {
    assertThatThrownBy(() -> Patch.parse(PATCH).applyTo(tree))
        .hasMessageContaining("there is no file some/rule");
  }

  @Test
  void whatMakesAFileOrChangesNothingIsRefused() {
    assertThatThrownBy(() -> Patch.parse(List.of())).hasMessageContaining("changes nothing");
    assertThatThrownBy(() -> Patch.parse(List.of("--- /dev/null", "+++ b/new")))
        .hasMessageContaining("no line of a patch");
    assertThatThrownBy(() -> Patch.parse(List.of("--- a/old", "+++ /dev/null", "@@ -1 +0,0 @@")))
        .hasMessageContaining("more than change");
  }

  private Path file(String... lines) throws IOException {
    var file = tree.resolve("some/rule");
    Files.createDirectories(file.getParent());
    return Files.write(file, List.of(lines));
  }
}
