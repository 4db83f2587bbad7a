package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.config.SettingsResult.Invalid;
import dev.matriarch.config.SettingsResult.Loaded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file in {@code good} and {@code bad} says exactly what stands in the text file beside it.
 * {@code -Dgolden.rewrite=true} writes those texts anew; a person reads the difference.
 */
class GoldenFilesTest {
  private static final Path RESOURCES = Path.of("src/test/resources");

  @ParameterizedTest
  @MethodSource("good")
  void aGoodFileLoadsWithTheseWarnings(Path file) throws IOException {
    var result = SettingsLoader.load(file);

    assertThat(result).isInstanceOf(Loaded.class);
    assertGolden(file, ((Loaded) result).warnings());
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aBadFileIsRefusedWithAllTheseProblems(Path file) throws IOException {
    var result = SettingsLoader.load(file);

    assertThat(result).isInstanceOf(Invalid.class);
    var problems = ((Invalid) result).problems();
    assertThat(problems)
        .isNotEmpty()
        .allSatisfy(problem -> assertThat(problem.allowed()).matches("(?s)[A-Z].*\\."));
    assertGolden(file, problems.stream().map(Problem::format).toList());
  }

  @ParameterizedTest
  @MethodSource("all")
  void noPasswordIsEverShown(Path file) {
    var shown =
        switch (SettingsLoader.load(file)) {
          case Loaded loaded -> loaded.toString();
          case Invalid invalid -> invalid.toString();
        };

    assertThat(shown).doesNotContain("hidden-word").doesNotContain("0123");
  }

  static Stream<Path> good() throws IOException {
    return files("good");
  }

  static Stream<Path> bad() throws IOException {
    return files("bad");
  }

  static Stream<Path> all() throws IOException {
    return Stream.concat(good(), bad());
  }

  private static Stream<Path> files(String folder) throws IOException {
    try (var files = Files.list(RESOURCES.resolve(folder))) {
      var found = files.filter(file -> file.toString().endsWith(".yml")).sorted().toList();
      assertThat(found).isNotEmpty();
      return found.stream();
    }
  }

  private static void assertGolden(Path file, List<String> lines) throws IOException {
    var golden = file.resolveSibling(file.getFileName().toString().replace(".yml", ".txt"));
    if (Boolean.getBoolean("golden.rewrite")) {
      Files.write(golden, lines);
    }
    assertThat(lines).isEqualTo(Files.readAllLines(golden));
  }
}
