package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.chaos.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program; {@code multi-jvm-tests/chaos} starts it. */
@Command(
    name = "multi-jvm-tests/chaos",
    usageHelpWidth = 120,
    description = {
      "Does to a cluster of real agents and PostgreSQL what the world does, and checks what its"
          + " clients were told.",
      "The hosts are network namespaces at a bridge. Needs root. One line for each round.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 all is well, 1 something is not, 2 used wrongly.",
      "A run leaves a folder below multi-jvm-tests/target/chaos: recovery times, and if something"
          + " is not well the history,",
      "the logs of all nodes merged by time, the picture and the command to replay."
    })
final class Chaos extends ClusterProgram {
  private static final class Kinds implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(FaultKind.values()).map(FaultKind::option).iterator();
    }
  }

  @Option(names = "--minutes", paramLabel = "N", description = "no round begins later (default: 6)")
  private int minutes = 6;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "of the schedule (default: a new one, which is printed)")
  private long seed = ThreadLocalRandom.current().nextLong(1_000_000);

  @Option(
      names = "--faults",
      split = ",",
      paramLabel = "NAME",
      completionCandidates = Kinds.class,
      description = "several with commas; default all: ${COMPLETION-CANDIDATES}")
  private List<String> faults = List.of();

  @Option(
      names = "--overlap",
      paramLabel = "N",
      description = "at most so many faults at a time, 1 to 5 (default: 3)")
  private int overlap = 3;

  @Option(
      names = "--first",
      paramLabel = "N",
      description = "number of the round to begin with (default: 1)")
  private int first = 1;

  @Option(names = "--rounds", paramLabel = "N", description = "at most so many")
  private int rounds = Integer.MAX_VALUE;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "a key of the dynamic configuration, or postgresql.parameters.NAME; may be repeated")
  private Map<String, String> set = new LinkedHashMap<>();

  @Option(
      names = "--print",
      paramLabel = "N",
      description = "print the first so many rounds of the schedule, and do nothing")
  private int print;

  private Chaos() {}

  public static void main(String[] words) {
    main(new Chaos(), words);
  }

  @Override
  public Integer call() throws IOException {
    var settings = settings();
    var out = out();
    if (print > 0) {
      out.println(settings.drawn(print));
      return 0;
    }
    say(settings.replay(settings.first() - 1 + Math.min(rounds, 9999)));
    var result =
        ChaosRun.run(
            settings, Path.of(System.getProperty("basedir", ""), "target/chaos"), this::sayNow);
    out.printf("%n%s%n%n", result.table());
    result.problems().forEach(it -> out.println("PROBLEM: " + it));
    out.printf(
        "%d rounds, %s; see %s%n",
        result.rounds(), result.isClean() ? "all is well" : "NOT well", result.folder());
    return result.isClean() ? 0 : 1;
  }

  private Settings settings() {
    require("--minutes", minutes, 1, 10_000);
    require("--overlap", overlap, 1, 5);
    require("--first", first, 1, 1_000_000);
    require("--rounds", rounds, 1, Integer.MAX_VALUE);
    require("--print", print, 0, 10_000);
    return new Settings(
        seed,
        mode(),
        members(),
        Duration.ofMinutes(minutes),
        first,
        rounds,
        overlap,
        kinds(),
        new TreeMap<>(set));
  }

  private List<FaultKind> kinds() {
    return faults.isEmpty()
        ? List.of(FaultKind.values())
        : faults.stream()
            .map(it ->
                FaultKind.of(it)
                    .orElseThrow(() ->
                        wrong(
                            "--faults: there is no '%s'; there are %s"
                                .formatted(it, String.join(", ", new Kinds())))))
            .toList();
  }
}
