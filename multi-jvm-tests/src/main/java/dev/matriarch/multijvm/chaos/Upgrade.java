package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.Distribution;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program; {@code multi-jvm-tests/upgrade} starts it. */
@Command(
    name = "multi-jvm-tests/upgrade",
    usageHelpWidth = 120,
    description = {
      "Upgrades the agents of a cluster one after the other while clients work, without a restart"
          + " of PostgreSQL,",
      "and checks what clients were told. The leader's agent comes last, after a switchover. Needs"
          + " root.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 all is well, 1 something is not, 2 used wrongly.",
      "A run leaves a folder below multi-jvm-tests/target/upgrade: the history, all logs merged by"
          + " time, a picture."
    })
final class Upgrade extends ClusterProgram {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("MMdd-HHmmss");

  @Option(
      names = "--from",
      paramLabel = "REVISION",
      description = "of git, whose agents are there at first (default: the same build)")
  private Optional<String> from = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "of what clients do (default: a new one, which is printed)")
  private long seed = ThreadLocalRandom.current().nextLong(1_000_000);

  @Option(
      names = "--postgresql",
      description = "then restart agents together with PostgreSQL, one node after the other")
  private boolean servers;

  private Upgrade() {}

  public static void main(String[] words) {
    main(new Upgrade(), words);
  }

  @Override
  public Integer call() throws IOException {
    var members = members();
    var mode = mode();
    say("seed " + seed);
    var reports = Path.of(System.getProperty("basedir", ""), "target/upgrade").toAbsolutePath();
    var plan =
        new UpgradeRun.Plan(
            seed,
            mode,
            members,
            older(new OlderBuild(reports.resolve("../../..").normalize(), reports, this::sayNow)),
            Distribution.program(),
            servers);
    var folder = reports.resolve(LocalDateTime.now(ZoneId.systemDefault()).format(STAMP));
    var result = UpgradeRun.run(plan, folder, this::sayNow);
    result.problems().forEach(it -> say("PROBLEM: " + it));
    say("%s; see %s".formatted(result.problems().isEmpty() ? "all is well" : "NOT well", folder));
    return result.problems().isEmpty() ? 0 : 1;
  }

  private Optional<Path> older(OlderBuild build) throws IOException {
    try {
      return from.isPresent() ? Optional.of(build.program(from.get())) : Optional.empty();
    } catch (IllegalArgumentException e) {
      throw wrong("--from: " + e.getMessage());
    }
  }
}
