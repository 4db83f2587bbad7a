package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.fault.Injector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A run from an empty cluster to the end of its last process. */
public final class ChaosRun {
  /** So long the history of a long run is, before it is judged and another one begins. */
  private static final Duration EPOCH = Duration.ofMinutes(10);

  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("MMdd-HHmmss");

  /**
   * What came of it.
   *
   * @param problems what is not as it should be; empty if all is well
   * @param folder of the report
   */
  public record Result(List<String> problems, int rounds, String table, Path folder) {
    public Result {
      problems = List.copyOf(problems);
    }

    public boolean isClean() {
      return problems.isEmpty();
    }
  }

  private final Settings settings;
  private final Consumer<String> say;
  private final Report report;
  private final List<RoundReport> rounds = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private Optional<Epoch> epoch = Optional.empty();
  private int next;

  private ChaosRun(Settings settings, Report report, Consumer<String> say) {
    this.settings = settings;
    this.report = report;
    this.say = say;
    this.next = settings.first();
  }

  /**
   * Runs it.
   *
   * @param parent of the report's folder
   * @param say is given a line for each round
   */
  public static Result run(Settings settings, Path parent, Consumer<String> say)
      throws IOException {
    var name =
        "%s-%s".formatted(settings.name(), LocalDateTime.now(ZoneId.systemDefault()).format(STAMP));
    var run = new ChaosRun(settings, new Report(parent.resolve(name)), say);
    run.onCluster(name);
    return run.finished();
  }

  private void onCluster(String name) throws IOException {
    var members = settings.members();
    try (var cluster =
            TestCluster.atSwitch(
                "chaos-" + name, members.all(), settings.cluster(), members.witnesses());
        var roles = Roles.watch(cluster)) {
      try {
        var injector = Injector.of(cluster, settings.kinds(), roles::primary);
        RoundRun.form(cluster, new Wholeness(cluster, settings.mode()));
        runEpochs(cluster, injector, roles);
        if (problems.isEmpty()) {
          var left = new Leftovers(cluster, injector);
          problems.addAll(left.inWholeCluster());
          problems.addAll(left.afterStop());
        }
      } catch (AssertionError | RuntimeException e) {
        problems.add(text(e));
      }
      if (!problems.isEmpty()) {
        explain(cluster, roles);
      }
    }
  }

  private void runEpochs(TestCluster cluster, Injector injector, Roles roles) throws IOException {
    var end = System.nanoTime() + settings.time().toNanos();
    // In this order: their sum may be too large.
    var last = settings.first() - 1 + Math.min(settings.rounds(), 1_000_000_000);
    for (var number = 1; problems.isEmpty() && next <= last && System.nanoTime() < end; number++) {
      var current = new Epoch(settings, cluster, injector, say);
      epoch = Optional.of(current);
      try {
        next = current.run(next, last, Math.min(end, System.nanoTime() + EPOCH.toNanos()));
      } catch (AssertionError | RuntimeException e) {
        // What clients were told until then is judged all the same: it may be the reason.
        problems.add(text(e));
      } finally {
        rounds.addAll(current.rounds());
      }
      current.violations().forEach(it -> problems.add(it.toString()));
      report.timeline(current.episode(), cluster, roles, settings.name(), number);
    }
  }

  private static String text(Throwable failure) {
    var cause = failure.getCause();
    return cause == null ? failure.toString() : "%s: %s".formatted(failure, cause);
  }

  private void explain(TestCluster cluster, Roles roles) throws IOException {
    var replay = settings.replay(rounds.isEmpty() ? next : rounds.getLast().number() + 1);
    report.text("problems.txt", String.join(System.lineSeparator(), problems));
    report.text("replay.txt", replay);
    if (epoch.isPresent()) {
      try {
        report.episode(epoch.get().episode(), cluster, roles, replay);
      } catch (UncheckedIOException e) {
        problems.add("the report is not complete: " + e.getMessage());
      }
    }
  }

  private Result finished() throws IOException {
    report.text(
        "rounds.txt",
        String.join(System.lineSeparator(), rounds.stream().map(RoundReport::text).toList()));
    report.recoveries(settings.name(), rounds);
    return new Result(problems, rounds.size(), Recoveries.of(rounds).table(), report.folder());
  }
}
