package dev.matriarch.multijvm.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What {@code multi-jvm-tests/chaos} said and how it ended.
 *
 * @param status 0 all is well, 1 something is not
 */
record ChaosOutcome(int status, List<String> lines, Duration took) {
  private static final Pattern ROUND = Pattern.compile("\\d\\d:\\d\\d:\\d\\d round \\d+: .*");
  private static final String PROBLEM = "PROBLEM: ";

  ChaosOutcome {
    lines = List.copyOf(lines);
  }

  /**
   * Runs it in a tree of sources; there it builds what is outdated first.
   *
   * @param log gets all that it says
   * @param rounds gets a line for each round
   */
  static ChaosOutcome of(Path tree, List<String> words, Path log, Consumer<String> rounds)
      throws IOException {
    var begun = System.nanoTime();
    var command =
        Stream.concat(
                Stream.of(tree.resolve("multi-jvm-tests/chaos").toAbsolutePath().toString()),
                words.stream())
            .toList();
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // To build the tests too would take twice the time.
    builder.environment().merge("MAVEN_OPTS", "-Dmaven.test.skip=true", "%s %s"::formatted);
    var process = builder.start();
    process.getOutputStream().close();
    var lines = new ArrayList<String>();
    try (var reader = process.inputReader();
        var writer = Files.newBufferedWriter(log)) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        writer.write(line);
        writer.newLine();
        writer.flush();
        if (ROUND.matcher(line).matches()) {
          rounds.accept(line);
        }
      }
    }
    var status = awaitEnd(process);
    return new ChaosOutcome(status, lines, Duration.ofNanos(System.nanoTime() - begun));
  }

  private static int awaitEnd(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** How many rounds went through, and were not broken off by what was found. */
  long rounds() {
    return lines.stream().filter(it -> ROUND.matcher(it).matches()).count();
  }

  List<String> problems() {
    return lines.stream()
        .filter(it -> it.startsWith(PROBLEM))
        .map(it -> it.substring(PROBLEM.length()))
        .toList();
  }

  /** Those of {@code phrases} that a problem has, each once. */
  List<String> found(List<String> phrases) {
    return status == 1
        ? phrases.stream()
            .filter(it -> problems().stream().anyMatch(problem -> problem.contains(it)))
            .toList()
        : List.of();
  }

  /** What the first problem is, or else the last that was said. */
  String summary() {
    return problems().stream()
        .findFirst()
        .or(() -> lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast()))
        .orElse("it said nothing");
  }
}
