package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.NodeFile;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.WriteLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * pgbench on the primary, as fast as it goes, on the processors that the cluster needs itself. A
 * healthy primary must not be replaced because everybody is slow.
 */
final class Soak {
  private static final String PGBENCH = "/usr/lib/postgresql/15/bin/pgbench";
  private static final Pattern SPEED = Pattern.compile("(?m)^tps = ([0-9.]+) ");
  private static final int CLIENTS = 8;

  /** How much longer than asked pgbench may take before it counts as hanging. */
  private static final Duration GRACE = Duration.ofMinutes(2);

  private static final Workload.Pace LIGHT =
      new Workload.Pace(1, Duration.ofMillis(50), Duration.ofMillis(20));

  private final TestCluster cluster;
  private final Bench bench;

  Soak(TestCluster cluster, Bench bench) {
    this.cluster = cluster;
    this.bench = bench;
  }

  Outcome run() {
    var primary = Round.ready(cluster, bench.mode());
    var output = cluster.folder().resolve("pgbench.log");
    var filled =
        pgbench(primary, output, Duration.ofMinutes(10), "-i", "-q", "-s", "" + bench.scale());
    if (filled != 0) {
      throw new AssertionError("pgbench could not fill its tables: " + text(output).strip());
    }
    Round.ready(cluster, bench.mode());
    var timeline = cluster.awaitTimeline(primary);
    try (var workload = Workload.start(cluster, primary, LIGHT)) {
      var begun = System.nanoTime();
      cluster.await(
          "the first rows", TestCluster.PATIENCE, () -> workload.isBusyOn(primary, begun));
      var from = System.nanoTime();
      var status =
          pgbench(
              primary,
              output,
              bench.soak().plus(GRACE),
              "-c",
              "" + CLIENTS,
              "-j",
              "2",
              "-T",
              "" + bench.soak().toSeconds());
      var until = System.nanoTime();
      var leader = Round.ready(cluster, bench.mode());
      var failOvers = cluster.awaitTimeline(leader) - timeline;
      // A fail-over ends it too, and that is what is counted.
      if (status != 0 && failOvers == 0) {
        throw new AssertionError("pgbench failed: " + text(output).strip());
      }
      workload.end();
      var figures = figures(workload, leader, output);
      var rows = new Acknowledgements(workload.log().rows());
      var stall = rows.longestGapOfOne(workload.stayingOn(primary), from, until);
      figures.put(Figure.COMMIT_STALL, stall / 1e6);
      figures.put(Figure.FAIL_OVERS, (double) failOvers);
      return new Outcome.Measured(primary.name(), leader.name(), figures, Map.of());
    }
  }

  private static Map<Figure, Double> figures(Workload workload, JvmNode leader, Path output) {
    var rows = new Acknowledgements(workload.log().rows());
    var figures = new EnumMap<Figure, Double>(Figure.class);
    speed(output).ifPresent(it -> figures.put(Figure.TRANSACTIONS, it));
    figures.put(Figure.LOST, (double) rows.missing(WriteLog.storedOn(leader)).size());
    figures.put(Figure.ROWS, (double) rows.rows().size());
    return figures;
  }

  private static OptionalDouble speed(Path output) {
    var found = SPEED.matcher(text(output));
    return found.find()
        ? OptionalDouble.of(Double.parseDouble(found.group(1)))
        : OptionalDouble.empty();
  }

  private static String text(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Works in the folder of the cluster, with which it ends whatever happens; gives its status. */
  private int pgbench(JvmNode primary, Path output, Duration patience, String... options) {
    var command =
        new ArrayList<>(List.of("ip", "netns", "exec", cluster.network().clients(), PGBENCH));
    command.addAll(List.of(options));
    var place = primary.place();
    command.addAll(
        List.of("-h", place.host(), "-p", "" + place.postgresPort(), "-U", "postgres", "postgres"));
    var builder =
        new ProcessBuilder(command)
            .directory(cluster.folder().toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(output.toFile());
    builder.environment().put("PGPASSWORD", NodeFile.PASSWORD);
    try {
      var process = builder.start();
      if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("pgbench has not ended within " + patience);
      }
      return process.exitValue();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
