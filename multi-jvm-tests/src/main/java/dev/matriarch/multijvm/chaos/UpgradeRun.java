package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.OsProcess;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.check.Checks;
import dev.matriarch.multijvm.chaos.check.Mode;
import dev.matriarch.multijvm.chaos.fault.Injector;
import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.workload.Workloads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A cluster whose nodes are restarted one after the other, on another build or the same one. */
public final class UpgradeRun {
  /**
   * What is to be done.
   *
   * @param from the program that the agents are of at first; empty: the same as afterwards
   * @param to the program that they are of then
   * @param servers whether PostgreSQL is restarted too, in a second pass
   */
  record Plan(
      long seed, Mode mode, Members members, Optional<Path> from, Path to, boolean servers) {}

  /**
   * What came of it.
   *
   * @param problems what is not as it should be; empty if all is well
   */
  record Result(List<String> problems, List<Rolling.Stage> stages, Path folder) {
    Result {
      problems = List.copyOf(problems);
      stages = List.copyOf(stages);
    }
  }

  private final Plan plan;
  private final Report report;
  private final Consumer<String> say;
  private final History history = new History();
  private final List<FinalState> ends = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final long begun = System.nanoTime();

  private UpgradeRun(Plan plan, Report report, Consumer<String> say) {
    this.plan = plan;
    this.report = report;
    this.say = say;
  }

  /**
   * Runs it.
   *
   * @param folder of the report
   * @param say is given a line for each stage
   */
  static Result run(Plan plan, Path folder, Consumer<String> say) throws IOException {
    var run = new UpgradeRun(plan, new Report(folder), say);
    var stages = run.onCluster();
    return new Result(run.problems, stages, folder);
  }

  private List<Rolling.Stage> onCluster() throws IOException {
    var settings = Modes.cluster(plan.mode(), plan.members());
    var members = plan.members();
    try (var cluster =
            TestCluster.atSwitch(
                "upgrade-seed-" + plan.seed(), members.all(), settings, members.witnesses());
        var roles = Roles.watch(cluster)) {
      var wholeness = new Wholeness(cluster, plan.mode());
      var rolling = new Rolling(cluster, wholeness, history, say);
      try {
        cluster.nodes().forEach(it -> plan.from().ifPresent(it::setProgram));
        RoundRun.form(cluster, wholeness);
        work(cluster, rolling);
        problems.addAll(rolling.problems());
        Checks.run(history, ends, plan.mode()).forEach(it -> problems.add(it.toString()));
        problems.addAll(strangers(cluster));
        var left = new Leftovers(cluster, Injector.of(cluster, List.of(), roles::primary));
        problems.addAll(left.inWholeCluster());
        problems.addAll(left.afterStop());
      } catch (AssertionError | RuntimeException e) {
        problems.add(e.toString());
      }
      explain(cluster, roles);
      return rolling.stages();
    }
  }

  private void work(TestCluster cluster, Rolling rolling) {
    try (var workloads = Workloads.start(cluster, plan.seed(), history)) {
      rolling.restartAll(Rolling.Part.AGENT, it -> it.setProgram(plan.to()));
      if (plan.servers()) {
        rolling.restartAll(Rolling.Part.NODE, _ -> {});
      }
      ends.addAll(workloads.readAll(RoundRun.leader(cluster), Bounds.REPLAY));
    }
  }

  /** Agents that are not of the build that they should be of at the end. */
  private List<String> strangers(TestCluster cluster) {
    // Its jars are beside its bin.
    var home = plan.to().resolve("../..").normalize() + "/";
    return cluster.nodes().stream()
        .filter(it -> it.agentPid().stream().noneMatch(pid -> OsProcess.title(pid).contains(home)))
        .map(JvmNode::name)
        .map("the agent of %s is not of the new build"::formatted)
        .toList();
  }

  private void explain(TestCluster cluster, Roles roles) throws IOException {
    if (!problems.isEmpty()) {
      report.text("problems.txt", String.join(System.lineSeparator(), problems));
    }
    try {
      report.episode(
          new Episode(history, List.of(), ends, begun),
          cluster,
          roles,
          "rolling restart, seed " + plan.seed());
    } catch (UncheckedIOException e) {
      problems.add("the report is not complete: " + e.getMessage());
    }
  }
}
