package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.cli.CliFailure;
import dev.matriarch.deploy.demo.FailoverRound.Phases;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Kills the primary of the running demo several times while rows are written, and judges what
 * became of them.
 */
@Command(
    name = "demo-check",
    hidden = true,
    description = "Kill the primary of a running demo, and count what was lost.",
    mixinStandardHelpOptions = true)
public final class DemoCheckCommand implements Callable<Integer> {
  private static final long LAG_MAX_BYTES = 1048576;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--dir", required = true, description = "The folder of the demo.")
  private Path directory = Path.of("");

  @Option(names = "--rounds", description = "How often to kill the primary.")
  private int rounds = 2;

  private final List<Phases> done = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException, SQLException {
    var out = spec.commandLine().getOut();
    var cluster = DemoCluster.read(directory.toAbsolutePath());
    var clock = Stopwatch.start();
    try (var watch = new ClusterWatch(cluster.nodes());
        var log =
            new PrintWriter(
                Files.newBufferedWriter(
                    cluster.directory().resolve("writer.log"), StandardCharsets.UTF_8))) {
      FailoverRound.awaitWhole(watch, clock);
      var stored = new StoredRows(cluster);
      stored.awaitPrimary();
      var lagMaxBytes =
          watch.setting("maximum_lag_on_failover").map(it -> it.asLong()).orElse(LAG_MAX_BYTES);
      var url = cluster.jdbcUrl(cluster.primaryPort());
      var writer = CheckWriter.start(url, clock, log);
      try (writer) {
        fight(out, () -> new FailoverRound(cluster, watch, writer, clock));
      }
      var kills = done.stream().map(Phases::kill).toList();
      var found = stored.onPrimary();
      var verdict = new Ledger(lagMaxBytes).judge(writer.rows(), kills, found);
      faults.addAll(verdict.faults());
      if (done.size() == rounds) {
        faults.addAll(stored.differences(found));
      }
      out.println(new CheckReport(done, verdict, writer.failures(), lagMaxBytes, faults).render());
    }
    return faults.isEmpty() ? 0 : 1;
  }

  private interface Rounds {
    FailoverRound next();
  }

  /** A round that fails is the last one; what was written until then is judged all the same. */
  private void fight(PrintWriter out, Rounds plan) throws IOException, InterruptedException {
    for (var round = 1; round <= rounds; round++) {
      say(out, "round %d: killing the primary with its agent and guardian".formatted(round));
      try {
        var phases = plan.next().run();
        done.add(phases);
        say(
            out,
            "round %d: %s took over from %s, rows are accepted again after %.0f ms"
                .formatted(round, phases.successor(), phases.killed(), phases.firstWriteMs()));
      } catch (CliFailure failure) {
        faults.add("round %d: %s".formatted(round, failure.getMessage()));
        return;
      }
    }
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
