package dev.matriarch.multijvm.planted;

import dev.matriarch.multijvm.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The program; {@code multi-jvm-tests/planted} starts it. */
@Command(
    name = "multi-jvm-tests/planted",
    usageHelpWidth = 120,
    description = {
      "Breaks one rule of the product at a time, in a copy of the sources below the folder for"
          + " temporary files, and",
      "checks that chaos notices by what its clients are told, and that it does not when nothing is"
          + " broken.",
      "Needs root. Takes about five minutes for each bug.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 all were found, 1 one was not, or something was not well without it either, 2"
          + " used wrongly.",
      "What chaos said and its reports are kept in multi-jvm-tests/target/planted."
    })
final class Planted extends Program {
  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "of a file in multi-jvm-tests/planted-bugs, without .patch (default: all)")
  private List<String> names = List.of();

  @Option(names = "--list", description = "say what there is, and do nothing")
  private boolean list;

  @Option(names = "--no-control", description = "do not run the same rounds without the bug")
  private boolean noControl;

  @Option(names = "--keep", description = "keep the copies of the sources")
  private boolean keep;

  private Planted() {}

  public static void main(String[] words) {
    main(new Planted(), words);
  }

  @Override
  public Integer call() throws IOException {
    var out = out();
    var module = Path.of(System.getProperty("basedir", "")).toAbsolutePath().normalize();
    var bugs = chosen(PlantedBug.allIn(module.resolve("planted-bugs")));
    if (list) {
      bugs.forEach(it ->
          out.printf(
              "%s%n  %s%n  %s%n  chaos %s%n",
              it.name(), it.broken(), it.noticed(), String.join(" ", it.chaos())));
      return 0;
    }
    var trial =
        new Trial(
            module.resolve("..").normalize(),
            module.resolve("target/planted"),
            !noControl,
            keep,
            this::say);
    var results = new ArrayList<Trial.Result>();
    for (var bug : bugs) {
      results.add(trial.run(bug));
    }
    out.printf("%n%s%n", table(results));
    return results.stream().allMatch(Trial.Result.Told.class::isInstance) ? 0 : 1;
  }

  static String table(List<Trial.Result> results) {
    return results.stream()
        .map(Planted::row)
        .collect(
            Collectors.joining(
                System.lineSeparator(),
                """
                | bug | found by | rounds | s | chaos |
                | --- | --- | --- | --- | --- |
                """,
                ""));
  }

  private static String row(Trial.Result result) {
    var words = String.join(" ", result.bug().chaos());
    return switch (result) {
      case Trial.Result.Told(var bug, var by, var with) ->
          "| %s | %s | %d | %d | `%s` |"
              .formatted(
                  bug.name(), String.join("; ", by), with.rounds(), with.took().toSeconds(), words);
      case Trial.Result.Missed(var bug, var why) ->
          "| %s | NOT FOUND: %s | | | `%s` |".formatted(bug.name(), why, words);
    };
  }

  private List<PlantedBug> chosen(List<PlantedBug> all) {
    for (var name : names) {
      if (all.stream().noneMatch(it -> it.name().equals(name))) {
        throw wrong(
            "there is no planted bug '%s'; there are %s"
                .formatted(
                    name, all.stream().map(PlantedBug::name).collect(Collectors.joining(", "))));
      }
    }
    return names.isEmpty() ? all : all.stream().filter(it -> names.contains(it.name())).toList();
  }
}
