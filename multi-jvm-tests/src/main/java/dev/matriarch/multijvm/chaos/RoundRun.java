package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.fault.Injector;
import dev.matriarch.multijvm.chaos.fault.Schedule;
import dev.matriarch.multijvm.chaos.fault.Strike;
import dev.matriarch.multijvm.chaos.fault.Struck;
import dev.matriarch.multijvm.chaos.history.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** One round on a whole cluster: its strikes, each on a thread of its own, and the way back. */
final class RoundRun {
  /** Longer than any request of an operator is waited for. */
  private static final Duration STRIKING = Duration.ofSeconds(90);

  private static final Duration LOOK = Duration.ofMillis(250);

  private final TestCluster cluster;
  private final Injector injector;
  private final Wholeness wholeness;
  private final History history;
  private String lastMissing = "";

  RoundRun(TestCluster cluster, Injector injector, Wholeness wholeness, History history) {
    this.cluster = cluster;
    this.injector = injector;
    this.wholeness = wholeness;
    this.history = history;
  }

  /**
   * Runs it.
   *
   * @param struck is given each strike as soon as it is over
   * @throws AssertionError when the cluster does not come back within its {@link Bounds}
   */
  RoundReport run(Schedule.Round round, List<StrikeReport> struck) {
    var begun = System.nanoTime();
    var strikes = round.strikes().stream().map(it -> inBackground(it, begun, struck)).toList();
    strikes.forEach(RoundRun::await);
    var healed = System.nanoTime();
    lastMissing = "";
    var writable = awaitWritable(healed);
    var whole = awaitWhole(healed);
    var outage = Acknowledged.longestGap(history.snapshot(), begun, System.nanoTime());
    injector.tidy();
    var report =
        new RoundReport(
            round.number(), struck, begun, healed, outage, writable, whole, lastMissing);
    judgeOutage(report);
    return report;
  }

  // --- strikes ----------------------------------------------------------------------------------

  private CompletableFuture<Void> inBackground(
      Strike strike, long begun, List<StrikeReport> struck) {
    var done = new CompletableFuture<Void>();
    Thread.ofPlatform()
        .daemon()
        .name("strike-" + strike.kind().option())
        .start(() -> {
          try {
            sleepUntil(begun + strike.begin().toNanos());
            strike(strike, begun, struck);
            done.complete(null);
          } catch (RuntimeException | AssertionError e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private void strike(Strike strike, long begun, List<StrikeReport> struck) {
    var at = System.nanoTime();
    var outcome = injector.inject(strike);
    if (outcome instanceof Struck.Done done) {
      sleepUntil(begun + strike.begin().plus(strike.hold()).toNanos());
      done.heal().run();
    }
    synchronized (struck) {
      struck.add(new StrikeReport(strike, outcome, at, System.nanoTime()));
    }
  }

  private static void sleepUntil(long moment) {
    for (var left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static void await(CompletableFuture<Void> strike) {
    try {
      strike.get(STRIKING.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | CompletionException e) {
      throw new IllegalStateException("a fault could not be done or undone", e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("a fault was not undone within " + STRIKING, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  // --- the way back -----------------------------------------------------------------------------

  /** What systemd would do, and an operator: agents that have ended are started again. */
  private void startWhatEnded() {
    for (var node : cluster.nodes()) {
      synchronized (node) {
        if (!node.isAgentAlive()) {
          node.start();
        }
      }
    }
  }

  private Duration awaitWritable(long healed) {
    var first = new ArrayList<Long>();
    poll(
        "an acknowledged write",
        healed,
        Bounds.WRITABLE,
        () -> {
          startWhatEnded();
          Acknowledged.firstAfter(history.snapshot(), healed).ifPresent(first::add);
          return first.isEmpty()
              ? Optional.of("a client's write is acknowledged")
              : Optional.empty();
        });
    return Duration.ofNanos(Math.max(0, first.getFirst() - healed));
  }

  private Duration awaitWhole(long healed) {
    return poll(
        "the whole cluster",
        healed,
        Bounds.WHOLE,
        () -> {
          startWhatEnded();
          return wholeness.missing();
        });
  }

  private interface Question {
    /** What is still missing. */
    Optional<String> ask();
  }

  private Duration poll(String what, long since, Duration bound, Question question) {
    while (true) {
      var missing = question.ask();
      var took = Duration.ofNanos(System.nanoTime() - since);
      if (missing.isEmpty()) {
        return took;
      }
      lastMissing = missing.get();
      if (took.compareTo(bound) > 0) {
        throw new AssertionError(
            "%s is still missing %s s after healing; waited in vain until %s%n%s"
                .formatted(what, RoundReport.seconds(took), missing.get(), cluster.state()));
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /** While a majority is well it must not be long until somebody can write, healed or not. */
  private void judgeOutage(RoundReport report) {
    var done = report.strikes().stream().filter(StrikeReport::isDone).toList();
    if (done.size() != 1
        || !wholeness.canMissOne()
        || !done.getFirst().strike().kind().leavesMajority()) {
      return;
    }
    var bound = Bounds.outage(done.getFirst().strike().kind());
    if (report.outage().compareTo(bound) > 0) {
      throw new AssertionError(
          "nobody could write for %s s though a majority was well; the bound is %s s"
              .formatted(RoundReport.seconds(report.outage()), RoundReport.seconds(bound)));
    }
  }

  /** Waits until a new cluster is whole. */
  static void form(TestCluster cluster, Wholeness wholeness) {
    cluster.startAll();
    Await.until(
        "the whole new cluster",
        Bounds.FORMATION,
        () -> wholeness.missing().isEmpty(),
        cluster::state);
  }

  /** The node that leads a whole cluster. */
  static JvmNode leader(TestCluster cluster) {
    return cluster.awaitPrimary(cluster.nodes(), TestCluster.PATIENCE);
  }
}
