package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.ClusterSettings;
import dev.matriarch.multijvm.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program; {@code multi-jvm-tests/bench} starts it. */
@Command(
    name = "multi-jvm-tests/bench",
    usageHelpWidth = 120,
    description = {
      "Measures fail-overs of a cluster whose hosts are network namespaces at a bridge, with real"
          + " PostgreSQL.",
      "Needs root, and a machine where nothing else runs. Prints one JSON line for each run and a"
          + " table at the end.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 all goals reached, 1 a goal missed or a run failed, 2 used wrongly.",
      "What each figure means: docs/benchmarks.md"
    })
final class Benchmark extends Program {
  private static final String ALL = "all";

  private static final class Scenarios implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.concat(Stream.of(Scenario.values()).map(Scenario::option), Stream.of(ALL))
          .iterator();
    }
  }

  @Option(
      names = "--scenario",
      required = true,
      split = ",",
      paramLabel = "NAME",
      completionCandidates = Scenarios.class,
      description =
          "one of, or several with commas: ${COMPLETION-CANDIDATES} (all faults, without the soak)")
  private List<String> scenarios = List.of();

  @Option(names = "--runs", paramLabel = "N", description = "of each scenario (default: 1)")
  private int runs = 1;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "synchronous_mode of the cluster: quorum (default), on, off")
  private String modeName = "quorum";

  @Option(names = "--nodes", paramLabel = "N", description = "3 to 7 (default: 3)")
  private int nodes = 3;

  @Option(
      names = "--freeze",
      paramLabel = "SECONDS",
      description = "how long agent-frozen freezes it (default: 60)")
  private int freeze = 60;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "how long pgbench-soak takes (default: 30)")
  private int minutes = 30;

  @Option(names = "--scale", paramLabel = "N", description = "of pgbench's tables (default: 10)")
  private int scale = 10;

  @Option(
      names = "--writers",
      paramLabel = "N",
      description = "that go to where rows are taken, besides probes and client (default: 2)")
  private int writers = 2;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = {
        "a key of the dynamic configuration, ttl=3 or postgresql.parameters.shared_buffers=256MB"
            + " for example;",
        "may be repeated. Goals are for the defaults"
      })
  private Map<String, String> set = new LinkedHashMap<>();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "append the JSON lines there instead of printing them")
  private Optional<Path> json = Optional.empty();

  private Benchmark() {}

  public static void main(String[] words) {
    main(new Benchmark(), words);
  }

  @Override
  public Integer call() throws IOException {
    var chosen = chosen();
    var mode = mode();
    require("--runs", runs, 1, 1000);
    require("--nodes", nodes, 3, 7);
    require("--freeze", freeze, 1, 600);
    require("--minutes", minutes, 1, 10_000);
    require("--scale", scale, 1, 1000);
    require("--writers", writers, 1, 50);
    var bench =
        new Bench(
            mode, nodes, Duration.ofSeconds(freeze), Duration.ofMinutes(minutes), scale, writers);
    var settings = mode.in(ClusterSettings.defaults());
    for (var entry : set.entrySet()) {
      settings = settings.with(entry.getKey(), entry.getValue());
    }
    try (var lines = lines()) {
      return measure(chosen, bench, settings, new JsonLines(lines)) ? 0 : 1;
    }
  }

  private boolean measure(
      List<Scenario> chosen, Bench bench, ClusterSettings settings, JsonLines lines) {
    var machine = Machine.here();
    lines.header(machine, bench, settings);
    var before = Machine.load();
    var results = new Results(bench.mode());
    try (var session = new Session(bench, settings)) {
      for (var scenario : chosen) {
        for (var number = 1; number <= (scenario == Scenario.PGBENCH_SOAK ? 1 : runs); number++) {
          var run = session.run(scenario, number);
          lines.run(run);
          results.add(run);
          if (run.outcome() instanceof Outcome.NotSupported) {
            break;
          }
        }
      }
    }
    var out = out();
    out.println();
    out.println(machine.text());
    out.printf(
        "mode %s, %d nodes, %s; load before %s, after %s%n%n",
        bench.mode().option(), bench.nodes(), told(settings), before, Machine.load());
    out.println(results.table());
    results.notes().forEach(note -> out.printf("%n%s%n", note));
    return results.good();
  }

  private static String told(ClusterSettings settings) {
    var all = new LinkedHashMap<>(settings.dynamic());
    all.remove("synchronous_mode");
    all.putAll(settings.parameters());
    return all.isEmpty() ? "default settings" : "settings " + all;
  }

  // --- what was asked for -----------------------------------------------------------------------

  private List<Scenario> chosen() {
    return scenarios.stream()
        .flatMap(name ->
            name.equals(ALL)
                ? Stream.of(Scenario.values()).filter(it -> it != Scenario.PGBENCH_SOAK)
                : Stream.of(
                    Scenario.of(name)
                        .orElseThrow(() ->
                            wrong(
                                "--scenario: there is no '%s'; there are %s"
                                    .formatted(name, String.join(", ", new Scenarios()))))))
        .distinct()
        .toList();
  }

  private Mode mode() {
    return Stream.of(Mode.values())
        .filter(it -> it.option().equals(modeName))
        .findFirst()
        .orElseThrow(() ->
            wrong(
                "--mode: '%s' is none of %s"
                    .formatted(
                        modeName,
                        Stream.of(Mode.values())
                            .map(Mode::option)
                            .collect(Collectors.joining(", ")))));
  }

  private PrintStream lines() {
    try {
      return json.isPresent()
          ? new PrintStream(
              Files.newOutputStream(
                  json.get(), StandardOpenOption.CREATE, StandardOpenOption.APPEND),
              true,
              StandardCharsets.UTF_8)
          : System.out;
    } catch (IOException e) {
      throw wrong("--json: cannot write %s: %s".formatted(json.get(), e.getMessage()));
    }
  }
}
