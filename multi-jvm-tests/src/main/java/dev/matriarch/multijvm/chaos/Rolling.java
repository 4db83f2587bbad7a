package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Restarts the nodes of a whole cluster one after the other while clients work, as an operator
 * does: the leader's last, after it has handed over. Nobody but the leader that hands over may keep
 * a client waiting.
 */
final class Rolling {
  /** What a restart is of. */
  enum Part {
    /** The agent alone: PostgreSQL goes on, and does not notice. */
    AGENT("agent"),
    /** The agent, which stops its PostgreSQL and starts it again. */
    NODE("agent and PostgreSQL");

    private final String text;

    Part(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /**
   * One of them, until all was whole and clients had worked on.
   *
   * @param outage the longest time without an acknowledgement
   * @param unknown requests to the leader of the beginning to which no answer came that says what
   *     was done
   * @param bound of the outage
   */
  record Stage(String what, Duration outage, long unknown, Duration whole, Duration bound) {
    Optional<String> problem(boolean mayLoseAnswers) {
      if (outage.compareTo(bound) > 0) {
        return Optional.of(
            "%s: no acknowledgement for %s s; the bound is %s s"
                .formatted(what, RoundReport.seconds(outage), RoundReport.seconds(bound)));
      }
      return unknown > 0 && !mayLoseAnswers
          ? Optional.of("%s: %d requests were not answered".formatted(what, unknown))
          : Optional.empty();
    }

    String text() {
      return "%s: no acknowledgement for %s s, %d requests without an answer, whole after %s s"
          .formatted(what, RoundReport.seconds(outage), unknown, RoundReport.seconds(whole));
    }
  }

  /** What a client may notice of a busy machine, and of the synchronous set that changes. */
  private static final Duration UNNOTICED = Duration.ofSeconds(2);

  /** Shorter than the lease: if that had run out it would have been a fail-over. */
  private static final Duration HAND_OVER = Bounds.LEASE.minusMillis(500);

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /** So many acknowledged writes follow each stage. */
  private static final int AFTERWARDS = 200;

  private final TestCluster cluster;
  private final Wholeness wholeness;
  private final History history;
  private final Consumer<String> say;
  private final List<Stage> stages = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  Rolling(TestCluster cluster, Wholeness wholeness, History history, Consumer<String> say) {
    this.cluster = cluster;
    this.wholeness = wholeness;
    this.history = history;
    this.say = say;
  }

  List<Stage> stages() {
    return List.copyOf(stages);
  }

  /** What was not as it should be. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /**
   * Restarts all.
   *
   * @param prepare is given each node that is down, before it is started
   * @throws AssertionError when the cluster does not come back
   */
  void restartAll(Part part, Consumer<JvmNode> prepare) {
    var leader = RoundRun.leader(cluster);
    for (var node : cluster.others(leader)) {
      restart(part, node, prepare);
    }
    handOver(leader);
    restart(part, leader, prepare);
  }

  private void restart(Part part, JvmNode node, Consumer<JvmNode> prepare) {
    var leader = RoundRun.leader(cluster);
    var timeline = cluster.awaitTimeline(leader);
    var servers = node.guarded();
    stage(
        "%s of %s".formatted(part.text(), node),
        UNNOTICED,
        false,
        () -> {
          end(part, node);
          prepare.accept(node);
          node.start();
        });
    expect("%s still leads".formatted(leader), RoundRun.leader(cluster).equals(leader));
    expect("the timeline is still " + timeline, cluster.awaitTimeline(leader) == timeline);
    if (part == Part.AGENT) {
      expect("PostgreSQL of %s was not restarted".formatted(node), node.guarded().equals(servers));
    }
  }

  private static void end(Part part, JvmNode node) {
    switch (part) {
      case AGENT -> node.killAgent();
      case NODE -> {
        if (node.stop(Bounds.STOP) != 0) {
          throw new AssertionError("the agent of %s did not end in order".formatted(node));
        }
      }
    }
  }

  private void handOver(JvmNode leader) {
    stage(
        "hand-over of " + leader,
        HAND_OVER,
        true,
        () -> {
          var answer =
              leader.rest().post("/switchover", "{\"leader\": \"%s\"}".formatted(leader), PATIENCE);
          expect("a switchover, not %s".formatted(answer), answer.ok());
        });
    expect("%s does not lead any more".formatted(leader), !RoundRun.leader(cluster).equals(leader));
  }

  private void expect(String what, boolean met) {
    if (!met) {
      problems.add("it is not so that " + what);
    }
  }

  private void stage(String what, Duration bound, boolean mayLoseAnswers, Runnable action) {
    var leader = RoundRun.leader(cluster).name();
    var begun = System.nanoTime();
    action.run();
    Await.until(
        "the whole cluster after " + what,
        Bounds.WHOLE,
        () -> wholeness.missing().isEmpty(),
        () -> wholeness.missing().orElse("it is whole by now") + "\n" + cluster.state());
    var whole = System.nanoTime();
    Await.until(
        "writes after " + what,
        PATIENCE,
        () -> count(it -> it.isAcknowledgedWrite() && it.invoked() > whole) > AFTERWARDS);
    var outage = Acknowledged.longestGap(history.snapshot(), begun, System.nanoTime());
    var unknown =
        count(it ->
            it.completed() > begun
                && it.node().equals(leader)
                && it.outcome() instanceof Outcome.Unknown);
    var stage = new Stage(what, outage, unknown, Duration.ofNanos(whole - begun), bound);
    stages.add(stage);
    stage.problem(mayLoseAnswers).ifPresent(problems::add);
    say.accept(stage.text());
  }

  private long count(Predicate<Operation> counted) {
    return history.snapshot().stream().filter(counted).count();
  }
}
