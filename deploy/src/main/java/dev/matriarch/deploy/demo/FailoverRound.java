package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.cli.CliFailure;
import dev.matriarch.deploy.demo.ClusterWatch.Seen;
import dev.matriarch.deploy.demo.DemoCluster.DemoNode;
import dev.matriarch.deploy.demo.Ledger.Kill;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Kills the primary with everything that belongs to it, and watches how the cluster recovers. */
final class FailoverRound {
  private static final long POLL_MS = 20;
  private static final Duration WHOLE = Duration.ofMinutes(2);
  private static final Duration FAILOVER = Duration.ofMinutes(1);
  private static final Duration REJOIN = Duration.ofMinutes(2);

  private final DemoCluster cluster;
  private final ClusterWatch watch;
  private final CheckWriter writer;
  private final Stopwatch clock;

  private OptionalDouble seenDownMs = OptionalDouble.empty();
  private OptionalDouble newLeaderMs = OptionalDouble.empty();

  FailoverRound(DemoCluster cluster, ClusterWatch watch, CheckWriter writer, Stopwatch clock) {
    this.cluster = cluster;
    this.watch = watch;
    this.writer = writer;
    this.clock = clock;
  }

  /**
   * What happened, in milliseconds since the kill; {@code streamsAgainMs} since the restart.
   *
   * @param seenDownMs a survivor no longer reports the killed node as the running leader
   * @param newLeaderMs a survivor calls itself the primary
   * @param firstWriteMs HAProxy's port accepted a row again
   */
  record Phases(
      String killed,
      String successor,
      double seenDownMs,
      double newLeaderMs,
      double firstWriteMs,
      double streamsAgainMs,
      Kill kill) {}

  static void awaitWhole(ClusterWatch watch, Stopwatch clock) throws InterruptedException {
    until(
        clock,
        WHOLE,
        () -> "one leader and all others streaming from it; seen last: " + watch.members(),
        watch::isWhole);
  }

  /**
   * @throws CliFailure when a phase takes longer than anybody would wait
   */
  Phases run() throws IOException, InterruptedException {
    awaitWhole(watch, clock);
    var killed =
        watch
            .primary(cluster.nodes())
            .orElseThrow(() -> new CliFailure("no node calls itself the primary"));
    var killedMs = clock.nowMs();
    NodeProcesses.kill(killed);
    until(
        clock,
        FAILOVER,
        () -> "a new primary that accepts writes",
        () -> recovered(killed, killedMs));
    var first = writer.firstNotBy(killed.postgresPort(), killedMs).orElseThrow();
    var successor = nameOf(first.serverPort());
    var restartedMs = clock.nowMs();
    start(killed);
    until(clock, REJOIN, () -> killed.name() + " streaming again", () -> streams(killed));
    return new Phases(
        killed.name(),
        successor,
        seenDownMs.orElseThrow() - killedMs,
        newLeaderMs.orElseThrow() - killedMs,
        first.atMs() - killedMs,
        clock.nowMs() - restartedMs,
        new Kill(killed.postgresPort(), killedMs, first.atMs()));
  }

  private boolean recovered(DemoNode killed, double killedMs) {
    var survivors = watch.others(killed);
    if (seenDownMs.isEmpty()) {
      var members = watch.members(survivors);
      if (!members.isEmpty()
          && members.stream().noneMatch(it -> it.name().equals(killed.name()) && it.leads())) {
        seenDownMs = OptionalDouble.of(clock.nowMs());
      }
    }
    if (newLeaderMs.isEmpty() && watch.primary(survivors).isPresent()) {
      newLeaderMs = OptionalDouble.of(clock.nowMs());
    }
    return seenDownMs.isPresent()
        && newLeaderMs.isPresent()
        && writer.firstNotBy(killed.postgresPort(), killedMs).isPresent();
  }

  private boolean streams(DemoNode node) {
    var members = watch.members(watch.others(node));
    var timeline = members.stream().filter(Seen::leads).findFirst().map(Seen::timeline);
    return members.stream()
        .filter(member -> member.name().equals(node.name()))
        .anyMatch(member ->
            member.streams() && timeline.filter(it -> it == member.timeline()).isPresent());
  }

  private String nameOf(int port) {
    return cluster.nodes().stream()
        .filter(node -> node.postgresPort() == port)
        .map(DemoNode::name)
        .findFirst()
        .orElseThrow(() -> new CliFailure("a row was written by an unknown server, port " + port));
  }

  private void start(DemoNode node) throws IOException, InterruptedException {
    var program = cluster.directory().resolve("start").toString();
    var start = new ProcessBuilder(program, node.name()).inheritIO().start();
    if (start.waitFor() != 0) {
      throw new CliFailure(program + " " + node.name() + " failed");
    }
  }

  private static void until(
      Stopwatch clock, Duration patience, Supplier<String> wish, BooleanSupplier condition)
      throws InterruptedException {
    var deadlineMs = clock.nowMs() + patience.toMillis();
    while (!condition.getAsBoolean()) {
      if (clock.nowMs() > deadlineMs) {
        throw new CliFailure(
            "waited %d s in vain for %s".formatted(patience.toSeconds(), wish.get()));
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
  }
}
