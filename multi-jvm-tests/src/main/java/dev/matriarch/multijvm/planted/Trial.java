package dev.matriarch.multijvm.planted;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Chaos on the product with one bug, and the same without it. */
final class Trial {
  private static final Duration END = Duration.ofMinutes(1);

  private final Path root;
  private final Path reports;
  private final boolean control;
  private final boolean keep;
  private final Consumer<String> say;

  /** The outcomes without a bug, of each command once. */
  private final Map<List<String>, ChaosOutcome> without = new HashMap<>();

  /**
   * Of several bugs, one after the other.
   *
   * @param control whether to do the same without the bug
   * @param keep whether to leave the copies of the sources
   * @param say gets a line for each thing that begins or is found
   */
  Trial(Path root, Path reports, boolean control, boolean keep, Consumer<String> say) {
    this.root = root;
    this.reports = reports;
    this.control = control;
    this.keep = keep;
    this.say = say;
  }

  /** How it went. */
  sealed interface Result {
    PlantedBug bug();

    /** What was to be found was, and not without the bug. */
    record Told(PlantedBug bug, List<String> by, ChaosOutcome with) implements Result {}

    record Missed(PlantedBug bug, String why) implements Result {}
  }

  Result run(PlantedBug bug) throws IOException {
    Files.createDirectories(reports);
    var copy = new SourceTree(temporary(bug));
    var lastResort = new Thread(() -> end(copy), "end-trial");
    Runtime.getRuntime().addShutdownHook(lastResort);
    try {
      new SourceTree(root).copyTo(copy.root());
      var unfit = planted(bug, copy);
      if (unfit.isPresent()) {
        return new Result.Missed(bug, "its patch does not fit any more: " + unfit.get());
      }
      say.accept("%s: %s".formatted(bug.name(), bug.broken()));
      say.accept("%s: building in %s".formatted(bug.name(), copy.root()));
      var built = chaos(bug, copy.root(), List.of("--print", "1"), "build");
      return built.status() == 0
          ? judged(bug, copy)
          : new Result.Missed(bug, "it does not build: " + built.summary());
    } finally {
      if (goesOn(lastResort) && !keep) {
        copy.delete();
      }
    }
  }

  private static Optional<String> planted(PlantedBug bug, SourceTree copy) throws IOException {
    try {
      bug.patch().applyTo(copy.root());
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(e.toString());
    }
  }

  /** Whether the program is not being ended; if it is, the last resort does what is left. */
  private static boolean goesOn(Thread lastResort) {
    try {
      return Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException ending) {
      return false;
    }
  }

  /** Where the program is interrupted: chaos ends its clusters itself, if it is given the time. */
  private void end(SourceTree copy) {
    var all = ProcessHandle.current().descendants().toList();
    ProcessHandle.current()
        .children()
        .forEach(it -> {
          it.destroy();
          it.onExit().completeOnTimeout(it, END.toSeconds(), TimeUnit.SECONDS).join();
        });
    all.forEach(ProcessHandle::destroy);
    if (!keep) {
      try {
        copy.delete();
      } catch (IOException | UncheckedIOException e) {
        say.accept("%s is left: %s".formatted(copy.root(), e));
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
      var same = withoutBug(bug);
      if (same.status() != 0) {
        return new Result.Missed(
            bug,
            "without it chaos ended with status %d: %s".formatted(same.status(), same.summary()));
      }
    }
    return new Result.Told(bug, by, with);
  }

  private ChaosOutcome withoutBug(PlantedBug bug) throws IOException {
    var known = without.get(bug.chaos());
    if (known != null) {
      return known;
    }
    say.accept(bug.name() + ": the same without the bug");
    var outcome = chaos(bug, root, bug.chaos(), "without");
    without.put(bug.chaos(), outcome);
    return outcome;
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
