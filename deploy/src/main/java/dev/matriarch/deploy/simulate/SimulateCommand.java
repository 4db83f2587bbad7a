package dev.matriarch.deploy.simulate;

import dev.matriarch.protocol.sim.Mutation;
import dev.matriarch.protocol.sim.Rulebook;
import dev.matriarch.protocol.sim.Walk;
import dev.matriarch.protocol.sim.WalkReport;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code simulate}: whole clusters of this very election code in virtual time, each through faults
 * drawn from its seed, and then back to health.
 */
@Command(
    name = "simulate",
    description = {
      "Walk simulated clusters through faults, and check that nothing unsafe happens.",
      "",
      "Each seed is one cluster of 3 or 5 nodes, 40 seconds of crashes, cut links, hanging agents,"
          + " lost stores and operators, and then its recovery. It is the code that the agent runs;"
          + " PostgreSQL, the network and the clocks are modelled. The same seed gives the same"
          + " walk.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 all walks went well (with --without: a walk noticed), 1 something happened"
          + " that never may (with --without: nobody noticed), or of many walks none reached a"
          + " situation that matters, 2 used wrongly.",
      "",
      "Examples:",
      "  matriarch simulate --seeds 10000 --jobs 2",
      "  matriarch simulate --seed 17 --trace",
      "  matriarch simulate --without stop-first"
    },
    mixinStandardHelpOptions = true)
public final class SimulateCommand implements Callable<Integer> {
  private static final int JOBS_MAX = 256;
  private static final int SEEDS = 100;

  /** So many are needed for the rule that is noticed last, and some more. */
  private static final int SEEDS_WITHOUT_A_RULE = 8_000;

  /** With so many a situation that none of them reached is a fault of the simulator. */
  private static final int SEEDS_THAT_REACH_ALL = 600;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description =
          "How many seeds; " + SEEDS + ", with --without at most " + SEEDS_WITHOUT_A_RULE + ".")
  private Optional<Integer> seeds = Optional.empty();

  @Option(names = "--seed", paramLabel = "S", description = "The first seed; 0.")
  private long seed;

  @Option(
      names = "--jobs",
      paramLabel = "J",
      description = "How many walks at the same time; 1. The result does not depend on it.")
  private int jobs = 1;

  @Option(names = "--trace", description = "Tell the story of one seed.")
  private boolean trace;

  @Option(
      names = "--without",
      paramLabel = "RULE",
      description = "Switch a rule off, and look for a seed that notices; see --list-rules.")
  private Optional<String> without = Optional.empty();

  @Option(names = "--list-rules", description = "Print the rules that --without can switch off.")
  private boolean listRules;

  @Override
  public Integer call() throws InterruptedException {
    var out = spec.commandLine().getOut();
    if (listRules) {
      Rulebook.all().forEach(it -> out.println(line(it)));
      return 0;
    }
    check();
    var rule = without.map(this::rule);
    var mutation = rule.map(Rulebook.Rule::off).orElse(Mutation.NONE);
    if (trace) {
      return status(told(out, mutation));
    }
    var many = seeds.orElse(rule.isPresent() ? SEEDS_WITHOUT_A_RULE : SEEDS);
    var journey = new Journey(new Journey.Plan(seed, many, mutation, jobs), this::progress);
    var result = journey.walk();
    out.println(result.render());
    result.failure().ifPresent(it -> explain(out, it));
    var missed = rule.isEmpty() && many >= SEEDS_THAT_REACH_ALL && !result.missed().isEmpty();
    if (missed) {
      out.println("never reached, so nothing is proven of it: " + result.missed());
    }
    return missed ? 1 : status(result.failure().isPresent());
  }

  private static String line(Rulebook.Rule rule) {
    var rare = rule.isRare() ? "; walks hardly ever need it" : "";
    return "%-20s %s%s".formatted(rule.name(), rule.sentence(), rare);
  }

  private void check() {
    require(seed >= 0, "--seed must be 0 or more, not " + seed);
    require(seeds.orElse(1) >= 1, "--seeds must be 1 or more, not " + seeds.orElse(1));
    require(
        jobs >= 1 && jobs <= JOBS_MAX, "--jobs must be 1 to %d, not %d".formatted(JOBS_MAX, jobs));
    require(
        seed <= Long.MAX_VALUE - seeds.orElse(SEEDS_WITHOUT_A_RULE),
        "there are no seeds above " + Long.MAX_VALUE);
    var rare = without.map(this::rule).filter(Rulebook.Rule::isRare);
    require(
        rare.isEmpty() || seeds.isPresent() || trace,
        rare.map(Rulebook.Rule::name).orElse("")
            + " is hardly ever needed in a walk, and has a test of its own; with --seeds N walks"
            + " look for it all the same");
    require(
        !trace || seeds.orElse(1) == 1,
        "--trace tells of one seed: leave --seeds out, and say which with --seed");
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  private Rulebook.Rule rule(String name) {
    return Rulebook.named(name)
        .orElseThrow(() ->
            new ParameterException(
                spec.commandLine(),
                "there is no rule '%s'; the rules are %s"
                    .formatted(
                        name,
                        Rulebook.all().stream()
                            .map(Rulebook.Rule::name)
                            .collect(Collectors.joining(", ")))));
  }

  /** With a rule off a failure is what is looked for. */
  private int status(boolean failed) {
    return failed == without.isPresent() ? 0 : 1;
  }

  /** Whether the walk failed. */
  private boolean told(PrintWriter out, Mutation mutation) {
    var report = Walk.report(seed, mutation, Optional.of(out::println));
    out.println();
    out.println("reached: " + Journey.text(report.marks()));
    report.failure().ifPresent(it -> out.println(what(report, it)));
    return counts(mutation, report);
  }

  static boolean counts(Mutation mutation, WalkReport report) {
    return report.failure().filter(it -> mutation.isNoticedBy(it.kind())).isPresent();
  }

  private void explain(PrintWriter out, WalkReport report) {
    report
        .failure()
        .ifPresent(failure -> {
          out.println();
          if (without.isPresent()) {
            out.println("the simulator notices that %s is off".formatted(without.get()));
          }
          out.println(what(report, failure));
          out.println("to replay it: " + command(report.seed()));
        });
  }

  private static String what(WalkReport report, WalkReport.Failure failure) {
    var kind =
        switch (failure.kind()) {
          case VIOLATION -> "what never may happen";
          case NOT_WELL -> "the cluster does not recover";
          case ERROR -> "the program failed";
        };
    return "seed %d after %.3f s, %s: %s"
        .formatted(report.seed(), report.virtualMs() / 1000.0, kind, failure.what());
  }

  private String command(long failed) {
    return "matriarch simulate --seed %d --trace%s"
        .formatted(failed, without.map(it -> " --without " + it).orElse(""));
  }

  private void progress(String line) {
    spec.commandLine().getErr().println(line);
    spec.commandLine().getErr().flush();
  }
}
