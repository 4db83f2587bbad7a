package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.Program;
import dev.matriarch.multijvm.chaos.check.Mode;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import picocli.CommandLine.Option;

/** A program that does something to one cluster, while clients work on it. */
abstract class ClusterProgram extends Program {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

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

  /**
   * The nodes of the cluster.
   *
   * @throws picocli.CommandLine.ParameterException if there cannot be so many
   */
  final Members members() {
    require("--nodes", nodes, 3, 7);
    require("--witnesses", witnesses, 0, (nodes - 1) / 2);
    return new Members(nodes, witnesses);
  }

  /**
   * How commits wait.
   *
   * @throws picocli.CommandLine.ParameterException if there is no such mode
   */
  final Mode mode() {
    return Modes.of(modeName).orElseThrow(() -> wrong(Modes.unknown(modeName)));
  }

  /** A line with the time of day. */
  final void sayNow(String line) {
    say(LocalTime.now(ZoneId.systemDefault()).format(CLOCK) + " " + line);
  }
}
