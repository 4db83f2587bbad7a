package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.check.Checks;
import dev.matriarch.multijvm.chaos.check.Violation;
import dev.matriarch.multijvm.chaos.fault.Injector;
import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.workload.Workloads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Rounds on a whole cluster with one history, which is judged at the end. A long run has several,
 * so that a history stays short enough to be judged and to be read.
 */
final class Epoch {
  private final Settings settings;
  private final TestCluster cluster;
  private final Injector injector;
  private final Consumer<String> say;
  private final History history = new History();
  private final List<RoundReport> rounds = new ArrayList<>();
  private final List<StrikeReport> strikes = Collections.synchronizedList(new ArrayList<>());
  private final List<FinalState> ends = new ArrayList<>();
  private final long begun = System.nanoTime();

  Epoch(Settings settings, TestCluster cluster, Injector injector, Consumer<String> say) {
    this.settings = settings;
    this.cluster = cluster;
    this.injector = injector;
    this.say = say;
  }

  /**
   * Runs rounds from a number on until {@code until}, of {@link System#nanoTime}, or {@code last}.
   *
   * @return the number of the next round
   * @throws AssertionError when the cluster does not come back
   */
  int run(int first, int last, long until) {
    var wholeness = new Wholeness(cluster, settings.mode());
    var schedule = settings.schedule();
    var number = first;
    try (var workloads = Workloads.start(cluster, settings.seed() + first, history)) {
      var run = new RoundRun(cluster, injector, wholeness, history);
      while (number <= last && System.nanoTime() < until) {
        var own = new ArrayList<StrikeReport>();
        try {
          var report = run.run(schedule.round(number), own);
          rounds.add(report);
          say.accept(report.text());
        } finally {
          synchronized (own) {
            strikes.addAll(own);
          }
        }
        number++;
      }
      ends.addAll(workloads.readAll(RoundRun.leader(cluster), Bounds.REPLAY));
    }
    return number;
  }

  /** What clients were told and is not so. */
  List<Violation> violations() {
    return Checks.run(history, ends, settings.mode());
  }

  Episode episode() {
    return new Episode(history, List.copyOf(strikes), List.copyOf(ends), begun);
  }

  List<RoundReport> rounds() {
    return List.copyOf(rounds);
  }
}
