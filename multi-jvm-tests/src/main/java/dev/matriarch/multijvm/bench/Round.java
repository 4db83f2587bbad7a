package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.AcknowledgedRow;
import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.WriteLog;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One run: a whole cluster that is written to, a fault, healing, and the figures. */
final class Round {
  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final Duration RECOVERY = Duration.ofMinutes(2);
  private static final Duration WHOLE = Duration.ofMinutes(3);

  private final Scenario scenario;
  private final TestCluster cluster;
  private final Bench bench;

  Round(Scenario scenario, TestCluster cluster, Bench bench) {
    this.scenario = scenario;
    this.cluster = cluster;
    this.bench = bench;
  }

  /** What was seen, for the figures. */
  private record Seen(
      JvmNode old,
      int timeline,
      long lastSession,
      Map<String, Integer> logMarks,
      Fault.Moment fault,
      long healed) {}

  /**
   * Runs it.
   *
   * @throws AssertionError when the cluster does not recover or does not become whole
   */
  Outcome run() {
    var primary = ready(cluster, bench.mode());
    try (var workload = Workload.start(cluster, primary, Workload.Pace.of(bench.writers()));
        var roles = RoleWatch.start(cluster.nodes(), cluster.network().clients())) {
      if (scenario.cutsNetwork()) {
        workload.addInside(primary);
      }
      warmUp(workload, primary);
      var fault = new Fault(scenario, cluster, primary, victim(primary));
      var timeline = cluster.awaitTimeline(primary);
      var lastSession = workload.log().lastSession();
      var marks =
          cluster.nodes().stream().collect(Collectors.toMap(JvmNode::name, JvmNode::logMark));
      var moment = Fault.Moment.now();
      var refused = fault.strike();
      if (refused.isPresent()) {
        return new Outcome.NotSupported(refused.get());
      }
      awaitRecovery(workload, roles, primary, lastSession, moment);
      var healed = System.nanoTime();
      fault.heal();
      var whole = awaitWhole(cluster);
      var ended = System.nanoTime();
      workload.end();
      roles.end();
      var seen = new Seen(primary, timeline, lastSession, marks, moment, healed);
      return measured(seen, workload, roles, whole, ended);
    }
  }

  // --- before -----------------------------------------------------------------------------------

  /** Waits until the cluster is whole and commits wait for whom they should; gives the primary. */
  static JvmNode ready(TestCluster cluster, Mode mode) {
    cluster.startAll();
    awaitWhole(cluster);
    cluster.await(
        "synchronous mode %s in force; does this build know it?".formatted(mode),
        TestCluster.PATIENCE,
        () ->
            cluster
                .primary(cluster.nodes())
                .flatMap(TestCluster::view)
                .filter(mode::isInForce)
                .isPresent());
    return primaryOf(cluster);
  }

  static JvmNode primaryOf(TestCluster cluster) {
    return cluster.awaitPrimary(cluster.nodes(), TestCluster.PATIENCE);
  }

  private void warmUp(Workload workload, JvmNode primary) {
    var begun = System.nanoTime();
    cluster.await(
        "rows of all writers on " + primary,
        TestCluster.PATIENCE,
        () -> workload.isBusyOn(primary, begun));
    Await.holdsFor(WARM_UP, () -> true, cluster::state);
  }

  private JvmNode victim(JvmNode primary) {
    if (scenario != Scenario.SYNC_STANDBY_DEAD) {
      return primary;
    }
    var standbys = cluster.others(primary);
    var members = cluster.awaitView(primary);
    return standbys.stream()
        .filter(it -> members.member(it.name()).filter(bench.mode()::isSynchronous).isPresent())
        .findFirst()
        .orElse(standbys.getFirst());
  }

  // --- waiting ----------------------------------------------------------------------------------

  private void awaitRecovery(
      Workload workload, RoleWatch roles, JvmNode old, long lastSession, Fault.Moment moment) {
    if (scenario.expect() != Scenario.Expect.NOTHING) {
      var log = workload.log();
      cluster.await(
          "a row on the new primary",
          RECOVERY,
          () -> log.firstSince(moment.nanos(), it -> isOfNew(it, old, lastSession)).isPresent());
      var first = log.firstSince(moment.nanos(), it -> isOfNew(it, old, lastSession)).orElseThrow();
      cluster.await(
          "a row of the client that looks for the primary",
          RECOVERY,
          () ->
              log.firstSince(first.begun(), it -> it.writer().equals(SeekingClient.NAME))
                  .isPresent());
      cluster.await(
          "a replica that streams from " + first.node(),
          RECOVERY,
          () -> roles.streamedFrom(first.node(), moment.nanos()).isPresent());
    }
    var stays = scenario == Scenario.AGENT_FROZEN ? bench.freeze() : Duration.ZERO;
    var watch = stays.compareTo(scenario.watch()) > 0 ? stays : scenario.watch();
    var rest = watch.minusNanos(System.nanoTime() - moment.nanos());
    Await.holdsFor(rest, () -> true, cluster::state);
  }

  /** Backends may outlive their postmaster for moments: what they acknowledge is nothing new. */
  private boolean isOfNew(AcknowledgedRow row, JvmNode old, long lastSession) {
    return !row.node().equals(old.name())
        || (scenario.expect() == Scenario.Expect.PRIMARY && row.session() > lastSession);
  }

  private static Duration awaitWhole(TestCluster cluster) {
    return cluster.await(
        "one leader, and all others streaming from it",
        WHOLE,
        () -> cluster.isWhole(cluster.nodes()));
  }

  // --- figures ----------------------------------------------------------------------------------

  private Outcome measured(
      Seen seen, Workload workload, RoleWatch roles, Duration whole, long ended) {
    var leader = primaryOf(cluster);
    var log = workload.log();
    var rows = new Acknowledgements(log.rows());
    var fault = seen.fault();
    var figures = new EnumMap<Figure, Double>(Figure.class);
    var first =
        log.rows().stream()
            .filter(it -> it.acknowledged() > fault.nanos())
            .filter(it -> isOfNew(it, seen.old(), seen.lastSession()))
            .findFirst();
    first.ifPresent(it -> {
      figures.put(Figure.NEW_PRIMARY, fault.msUntil(it.acknowledged()));
      replicas(it.node(), roles, fault, figures);
    });
    gaps(rows, workload, seen, ended, figures);
    cutOff(rows, log.ends(), seen, figures);
    var overlap = rows.overlap();
    figures.put(Figure.DOUBLY_ACKNOWLEDGED, (double) overlap.rows());
    figures.put(Figure.OVERLAP, overlap.longestNanos() / 1e6);
    figures.put(Figure.LOST, (double) rows.missing(WriteLog.storedOn(leader)).size());
    var failOvers = cluster.awaitTimeline(leader) - seen.timeline();
    figures.put(Figure.FAIL_OVERS, (double) failOvers);
    figures.put(Figure.WHOLE, whole.toNanos() / 1e6);
    figures.put(Figure.ROWS, (double) rows.rows().size());
    figures.keySet().retainAll(scenario.figures());
    var mark = seen.logMarks().getOrDefault(leader.name(), 0);
    var phases = failOvers == 0 ? Map.<String, Double>of() : Phases.toldBy(leader, mark, fault);
    return new Outcome.Measured(seen.old().name(), leader.name(), figures, phases);
  }

  private static void replicas(
      String node, RoleWatch roles, Fault.Moment fault, Map<Figure, Double> figures) {
    var promoted = roles.promoted(node, fault.nanos());
    var streams = roles.streamedFrom(node, fault.nanos());
    if (promoted.isPresent() && streams.isPresent()) {
      figures.put(Figure.FIRST_REPLICA, (streams.getAsLong() - promoted.getAsLong()) / 1e6);
    }
  }

  private static void gaps(
      Acknowledgements rows,
      Workload workload,
      Seen seen,
      long ended,
      Map<Figure, Double> figures) {
    var from = seen.fault().nanos();
    var until = seen.healed();
    figures.put(
        Figure.CLIENT_OUTAGE, rows.longestGapOfOne(List.of(SeekingClient.NAME), from, until) / 1e6);
    figures.put(
        Figure.COMMIT_STALL,
        rows.longestGapOfOne(workload.stayingOn(seen.old()), from, until) / 1e6);
    figures.put(Figure.WRITER_OUTAGE, rows.longestGapOfOne(workload.moving(), from, until) / 1e6);
    figures.put(Figure.WRITE_GAP, rows.longestGap(_ -> true, from, until) / 1e6);
    figures.put(Figure.HEAL_GAP, rows.longestGap(_ -> true, until, ended) / 1e6);
  }

  /** Only if all connections to the old primary that were there at the fault have ended. */
  private static void cutOff(
      Acknowledgements rows,
      List<WriteLog.EndedSession> ends,
      Seen seen,
      Map<Figure, Double> figures) {
    var old = seen.old().name();
    var staying =
        rows.rows().stream()
            .filter(it -> it.node().equals(old) && it.session() <= seen.lastSession())
            .filter(it -> it.writer().endsWith("-" + old))
            .map(AcknowledgedRow::session)
            .collect(Collectors.toSet());
    var ended =
        ends.stream()
            .filter(it -> staying.contains(it.session()) && it.ended() < seen.healed())
            .toList();
    if (ended.stream().map(WriteLog.EndedSession::session).distinct().count() < staying.size()) {
      return;
    }
    var last = rows.lastOf(old).map(AcknowledgedRow::acknowledged).orElse(seen.fault().nanos());
    var latest = ended.stream().mapToLong(WriteLog.EndedSession::ended).reduce(last, Math::max);
    figures.put(Figure.OLD_CUT_OFF, seen.fault().msUntil(latest));
  }
}
