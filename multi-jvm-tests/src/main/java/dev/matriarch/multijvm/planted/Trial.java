package dev.matriarch.multijvm.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Consumer;

/** Chaos on the product with one bug, and the same without it. */
record Trial(Path root, Path reports, boolean control, boolean keep, Consumer<String> say) {

  /** How it went. */
  sealed interface Result {
    PlantedBug bug();

    /** What was to be found was, and not without the bug. */
    record Told(PlantedBug bug, List<String> by, ChaosOutcome with) implements Result {}

    record Missed(PlantedBug bug, String why) implements Result {}
  }

  Result run(PlantedBug bug) throws IOException {
    Files.createDirectories(reports);
    var copy = new SourceTree(root).copyTo(temporary(bug));
    try {
      bug.patch().applyTo(copy.root());
      say.accept("%s: %s".formatted(bug.name(), bug.broken()));
      say.accept("%s: building in %s".formatted(bug.name(), copy.root()));
      var built = chaos(bug, copy.root(), List.of("--print", "1"), "build");
      return built.status() == 0
          ? judged(bug, copy)
          : new Result.Missed(bug, "it does not build: " + built.summary());
    } catch (IllegalArgumentException e) {
      return new Result.Missed(bug, "its patch does not fit any more: " + e.getMessage());
    } finally {
      if (!keep) {
        copy.delete();
      }
    }
  }

  private Result judged(PlantedBug bug, SourceTree copy) throws IOException {
    say.accept("%s: chaos %s".formatted(bug.name(), String.join(" ", bug.chaos())));
    var with = chaos(bug, copy.root(), bug.chaos(), "with");
    keepReports(bug, copy.root());
    var by = with.found(bug.foundBy());
    if (by.isEmpty()) {
      return new Result.Missed(bug, "it was not noticed: " + with.summary());
    }
    say.accept("%s: found: %s".formatted(bug.name(), with.summary()));
    if (control) {
      say.accept(bug.name() + ": the same without the bug");
      var without = chaos(bug, root, bug.chaos(), "without");
      if (without.status() != 0) {
        return new Result.Missed(bug, "all is not well without it either: " + without.summary());
      }
    }
    return new Result.Told(bug, by, with);
  }

  private ChaosOutcome chaos(PlantedBug bug, Path tree, List<String> words, String name)
      throws IOException {
    return ChaosOutcome.of(
        tree,
        words,
        reports.resolve("%s-%s.txt".formatted(bug.name(), name)),
        round -> say.accept("%s: %s".formatted(bug.name(), round)));
  }

  /** PostgreSQL's user has to get there too. */
  private static Path temporary(PlantedBug bug) throws IOException {
    var folder = Files.createTempDirectory("planted-" + bug.name() + "-");
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void keepReports(PlantedBug bug, Path tree) throws IOException {
    var made = tree.resolve("multi-jvm-tests/target/chaos");
    if (!Files.isDirectory(made)) {
      return;
    }
    try (var folders = Files.list(made)) {
      for (var folder : folders.toList()) {
        var kept = reports.resolve("%s-%s".formatted(bug.name(), folder.getFileName()));
        Files.createDirectories(kept);
        try (var files = Files.list(folder)) {
          for (var file : files.toList()) {
            Files.copy(file, kept.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    }
  }
}
