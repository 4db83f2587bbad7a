package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.Distribution;
import dev.matriarch.multijvm.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
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
final class Upgrade extends Program {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("MMdd-HHmmss");
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

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

  @Option(names = "--nodes", paramLabel = "N", description = "3 (default) to 7")
  private int nodes = 3;

  @Option(
      names = "--witnesses",
      paramLabel = "N",
      description = "so many of the nodes vote and have no PostgreSQL: less than half (default: 0)")
  private int witnesses;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "off, on, quorum (default), or strict: quorum with synchronous_mode_strict")
  private String modeName = "quorum";

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
    require("--nodes", nodes, 3, 7);
    require("--witnesses", witnesses, 0, (nodes - 1) / 2);
    var mode = Modes.of(modeName).orElseThrow(() -> wrong(Modes.unknown(modeName)));
    Consumer<String> tell =
        line -> say(LocalTime.now(ZoneId.systemDefault()).format(CLOCK) + " " + line);
    say("seed " + seed);
    var reports = Path.of(System.getProperty("basedir", ""), "target/upgrade").toAbsolutePath();
    var plan =
        new UpgradeRun.Plan(
            seed,
            mode,
            new Members(nodes, witnesses),
            older(new OlderBuild(reports.resolve("../../..").normalize(), reports, tell)),
            Distribution.program(),
            servers);
    var folder = reports.resolve(LocalDateTime.now(ZoneId.systemDefault()).format(STAMP));
    var result = UpgradeRun.run(plan, folder, tell);
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
