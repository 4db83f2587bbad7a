package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.ClusterSettings;
import dev.matriarch.multijvm.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The runs of one call, on one cluster as long as that stays well. */
final class Session implements AutoCloseable {
  /** After a minute without a crash the agent has forgotten the last one. */
  private static final Duration BETWEEN_CRASHES = Duration.ofSeconds(65);

  private final Bench bench;
  private final ClusterSettings settings;
  private final Thread ending = new Thread(() -> ended = true, "end-session");
  private Optional<TestCluster> cluster = Optional.empty();
  private int clusters;
  private volatile boolean ended;

  Session(Bench bench, ClusterSettings settings) {
    this.bench = bench;
    this.settings = settings;
    Runtime.getRuntime().addShutdownHook(ending);
  }

  Run run(Scenario scenario, int number) {
    System.err.printf("%s, run %d: ", scenario.option(), number);
    var begun = Instant.now();
    var load = Machine.load().getFirst();
    var run = new Run(scenario, number, begun, load, outcome(scenario, number));
    System.err.println(brief(run.outcome()));
    return run;
  }

  /** A cluster that could not be measured is no longer trusted, and the next run gets a new one. */
  private Outcome outcome(Scenario scenario, int number) {
    try {
      var current = current();
      if (scenario == Scenario.PGBENCH_SOAK) {
        return new Soak(current, bench).run();
      }
      if (scenario == Scenario.POSTGRES_CRASH && number > 1) {
        Await.holdsFor(BETWEEN_CRASHES, () -> true, () -> "");
      }
      return new Round(scenario, current, bench).run();
    } catch (AssertionError | RuntimeException e) {
      awaitEndIfEnding();
      return new Outcome.Failed(abandon(e));
    }
  }

  private TestCluster current() {
    if (cluster.isEmpty()) {
      awaitEndIfEnding();
      clusters++;
      cluster = Optional.of(TestCluster.atSwitch("bench-" + clusters, bench.nodes(), settings));
    }
    return cluster.get();
  }

  /** Somebody has ended the program: the cluster is being taken away, which is no failure. */
  private void awaitEndIfEnding() {
    if (ended) {
      Await.holdsFor(Duration.ofMinutes(2), () -> true, () -> "");
    }
  }

  private String abandon(Throwable failure) {
    var why = String.valueOf(failure.getMessage());
    cluster.ifPresent(it -> {
      try {
        var file = it.logs().resolve("failure.txt");
        Files.writeString(file, why + System.lineSeparator() + it.state());
        System.err.printf("see %s; ", file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        it.close();
        cluster = Optional.empty();
      }
    });
    return why;
  }

  private static String brief(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Measured(var from, var to, var figures, var phases) ->
          "%s to %s, %s %s"
              .formatted(from, to, brief(figures), phases.isEmpty() ? "" : phases)
              .strip();
      case Outcome.NotSupported(var why) -> "not supported: " + why;
      case Outcome.Failed(var why) -> "failed: " + Results.firstLine(why);
    };
  }

  private static String brief(Map<Figure, Double> figures) {
    return figures.entrySet().stream()
        .map(it -> "%s=%d".formatted(it.getKey().key(), Math.round(it.getValue())))
        .collect(Collectors.joining(", "));
  }

  @Override
  public void close() {
    cluster.ifPresent(TestCluster::close);
    if (!ended) {
      Runtime.getRuntime().removeShutdownHook(ending);
    }
  }
}
