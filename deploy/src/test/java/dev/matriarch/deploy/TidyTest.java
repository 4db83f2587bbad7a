package dev.matriarch.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the compiler does not see: sizes, left-overs, and links between documents. */
class TidyTest {
  private static final int LINES_MAX = 450;

  private static final Set<String> NOT_SOURCES = Set.of("target", ".git", ".idea", ".vscode");

  // In pieces, so that they are not found here.
  private static final Pattern LEFT_OVER =
      Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b|@Dis" + "abled");
  private static final Pattern SLEEP = Pattern.compile("\\b(Thread|SECONDS)\\s*\\.\\s*sleep\\b");

  private static final Pattern LINK = Pattern.compile("\\[[^\\]\\[]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");

  private static final Path ROOT = root();

  private static Path root() {
    var here = Path.of("").toAbsolutePath();
    return Stream.iterate(here, it -> it != null, Path::getParent)
        .filter(it -> Files.exists(it.resolve(".mvn/Format.java")))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("not in the source tree: " + here));
  }

  @Test
  void filesAreShortEnoughToBeReadAtOnce() {
    var tooLong = new ArrayList<String>();
    for (var file : sources()) {
      var lines = text(file).lines().count();
      if (lines > LINES_MAX) {
        tooLong.add("%s has %d lines, %d are allowed".formatted(name(file), lines, LINES_MAX));
      }
    }
    assertThat(tooLong).isEmpty();
  }

  @Test
  void nothingIsLeftForLater() {
    assertThat(matches(sources(), LEFT_OVER)).isEmpty();
  }

  @Test
  void testsWaitForWhatHappensAndNotForTimeToPass() {
    var tests = sources().stream().filter(it -> name(it).contains("/src/test/")).toList();
    assertThat(tests).hasSizeGreaterThan(50);
    assertThat(matches(tests, SLEEP)).isEmpty();
  }

  @Test
  void everyPackageIsNullMarked() {
    var packages =
        sources().stream()
            .filter(it -> name(it).contains("/src/main/") && name(it).endsWith(".java"))
            .map(Path::getParent)
            .distinct()
            .toList();
    assertThat(packages)
        .isNotEmpty()
        .allSatisfy(it ->
            assertThat(it.resolve("package-info.java"))
                .content()
                .contains("@NullMarked\npackage "));
  }

  @Test
  void linksBetweenDocumentsLeadSomewhere() {
    var documents = files().stream().filter(it -> name(it).endsWith(".md")).toList();
    assertThat(documents).isNotEmpty();
    var broken = new ArrayList<String>();
    for (var document : documents) {
      var links = LINK.matcher(prose(document));
      while (links.find()) {
        if (!leadsSomewhere(document, links.group(1))) {
          broken.add("%s: %s".formatted(name(document), links.group(1)));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(Path document, String link) {
    if (link.matches("[a-z]+:.*")) {
      return true; // of another place, which a build must not depend on
    }
    var parts = link.split("#", 2);
    var target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]).normalize();
    return Files.exists(target) && (parts.length == 1 || hasHeading(target, parts[1]));
  }

  /** The names that GitHub gives to headings. */
  private static boolean hasHeading(Path document, String anchor) {
    return HEADING
        .matcher(prose(document))
        .results()
        .map(it -> it.group(1).toLowerCase(Locale.ROOT).strip())
        .map(it -> it.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .anyMatch(anchor::equals);
  }

  /** Without what is shown as it is. */
  private static String prose(Path document) {
    return FENCE.matcher(text(document)).replaceAll("");
  }

  private static List<String> matches(List<Path> files, Pattern pattern) {
    var found = new ArrayList<String>();
    for (var file : files) {
      var lines = text(file).lines().toList();
      for (var number = 1; number <= lines.size(); number++) {
        if (pattern.matcher(lines.get(number - 1)).find()) {
          found.add("%s:%d: %s".formatted(name(file), number, lines.get(number - 1).strip()));
        }
      }
    }
    return found;
  }

  /** Java and bash. */
  private static List<Path> sources() {
    return files().stream().filter(it -> name(it).endsWith(".java") || isScript(it)).toList();
  }

  private static boolean isScript(Path file) {
    return name(file).endsWith(".sh")
        || (!name(file).contains(".") && text(file).startsWith("#!/bin/bash"));
  }

  private static List<Path> files() {
    var found = new ArrayList<Path>();
    try {
      Files.walkFileTree(
          ROOT,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return NOT_SOURCES.contains(String.valueOf(folder.getFileName()))
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              found.add(file);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found.stream().sorted().toList();
  }

  private static String name(Path file) {
    return ROOT.relativize(file).toString();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("%s is no text in UTF-8".formatted(name(file)), e);
    }
  }
}
