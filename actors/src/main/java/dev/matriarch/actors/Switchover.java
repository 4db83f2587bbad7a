package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Checkpoint;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverPolicy;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.ha.SwitchoverView;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One switchover, as the agent that carries it out sees it: a checkpoint while clients still write,
 * then the order to the supervisor, then the wait for another primary. Touched by its actor only.
 */
final class Switchover {
  private static final Logger LOG = LoggerFactory.getLogger(Switchover.class);
  private static final Duration PATIENCE_AT_LEAST = Duration.ofSeconds(20);
  private static final Duration CHECKPOINT_TIMEOUT = Duration.ofMinutes(5);

  /** After a longer one so much may be dirty again that the stop would take long. */
  private static final Duration SHORT_CHECKPOINT = Duration.ofMillis(500);

  private static final int CHECKPOINTS_MAX = 3;

  private enum Stage {
    CHECKPOINT,
    HAND_OVER,
    OVER
  }

  private final Operator.Surroundings with;
  private final SwitchoverRequest request;
  private final NodeId successor;
  private final Consumer<SwitchoverAnswer> reply;
  private final DynamicSettings dynamic;
  private final long term;
  private final Duration begunAt;
  private Stage stage;
  private Duration handedOverAt;
  private boolean answered;

  /** The successor has led, which is not yet to have become the primary. */
  private boolean elected;

  private Switchover(
      Operator.Surroundings with,
      SwitchoverRequest request,
      NodeId successor,
      Consumer<SwitchoverAnswer> reply,
      NodeView view,
      DynamicSettings dynamic,
      Duration now,
      Stage stage) {
    this.with = with;
    this.request = request;
    this.successor = successor;
    this.reply = reply;
    this.dynamic = dynamic;
    this.stage = stage;
    term = termOf(view);
    begunAt = now;
    handedOverAt = now;
  }

  /** On the leader. */
  static Switchover begun(
      Operator.Surroundings with,
      SwitchoverRequest request,
      NodeId successor,
      Consumer<SwitchoverAnswer> reply,
      NodeView view,
      DynamicSettings dynamic,
      Duration now) {
    return new Switchover(with, request, successor, reply, view, dynamic, now, Stage.CHECKPOINT);
  }

  /** On the candidate, which was told to stand. */
  static Switchover forced(
      Operator.Surroundings with,
      SwitchoverRequest request,
      Consumer<SwitchoverAnswer> reply,
      NodeView view,
      DynamicSettings dynamic,
      Duration now) {
    return new Switchover(with, request, with.self(), reply, view, dynamic, now, Stage.HAND_OVER);
  }

  /** How long an operator waits for the answer. */
  static Duration patience(DynamicSettings dynamic) {
    var byLoop = dynamic.loopWait().multipliedBy(2);
    return byLoop.compareTo(PATIENCE_AT_LEAST) > 0 ? byLoop : PATIENCE_AT_LEAST;
  }

  static SwitchoverPolicy.Verdict judge(
      SwitchoverRequest request, NodeView view, DynamicSettings dynamic) {
    return SwitchoverPolicy.judge(
        request,
        SwitchoverView.of(view, dynamic.synchronous().mode(), dynamic.maximumLagOnFailoverBytes()));
  }

  boolean isOver() {
    return stage == Stage.OVER;
  }

  /** Begins the checkpoint; {@code ended} is called from another thread. */
  void checkpoint(Consumer<Boolean> ended) {
    var host = with.host();
    Thread.ofVirtual()
        .name("switchover-checkpoint")
        .start(() -> ended.accept(host.isPresent() && checkpoints(host.get())));
  }

  private static boolean checkpoints(PostgresHost host) {
    try (var connection =
        PgConnection.local(host.settings()).open(PgConnection.SHORT_JOB, CHECKPOINT_TIMEOUT)) {
      for (var count = 0; count < CHECKPOINTS_MAX; count++) {
        var began = System.nanoTime();
        switch (Checkpoint.run(connection, CHECKPOINT_TIMEOUT)) {
          case Outcome.Done(var detail) -> LOG.info("switchover: {}", detail);
          case Outcome.Failed(var reason) -> {
            LOG.warn("switchover: {}", reason);
            return false;
          }
        }
        if (System.nanoTime() - began < SHORT_CHECKPOINT.toNanos()) {
          break;
        }
      }
      return true;
    } catch (SQLException | RuntimeException e) {
      LOG.warn("switchover: no checkpoint: {}", e.toString());
      return false;
    }
  }

  /**
   * The candidate may have fallen back or gone while the checkpoint ran.
   *
   * @param calledOff is called from another thread if the leader keeps its lease all the same
   */
  void checkpointed(
      boolean done, Optional<NodeView> view, Consumer<String> calledOff, Duration now) {
    if (stage != Stage.CHECKPOINT) {
      return;
    }
    if (!done || view.isEmpty()) {
      end(SwitchoverAnswer.failed(request.kind(), "no checkpoint was possible; see the log"));
      return;
    }
    var same = new SwitchoverRequest(request.kind(), request.leader(), Optional.of(successor));
    switch (judge(same, view.get(), dynamic)) {
      case SwitchoverPolicy.Verdict.Refuse(var answer) -> end(answer);
      case SwitchoverPolicy.Verdict.HandOver(var to) -> {
        LOG.info("switchover: PostgreSQL is stopped, and {} is to lead", to);
        stage = Stage.HAND_OVER;
        handedOverAt = now;
        with.supervisor()
            .tell(new Supervisor.HandOver(Optional.of(new HandingOver(to, calledOff))));
      }
    }
  }

  /** The supervisor has kept the lease. */
  void calledOff(String why) {
    if (stage == Stage.HAND_OVER) {
      end(
          SwitchoverAnswer.failed(
              request.kind(), "%s; %s stays the leader".formatted(why, with.self())));
    }
  }

  void look(Optional<NodeView> seen, Duration now) {
    if (stage == Stage.HAND_OVER && seen.isPresent()) {
      judgeOutcome(seen.get());
    }
    var patience = patience(dynamic);
    if (stage == Stage.HAND_OVER && now.minus(handedOverAt).compareTo(longest()) >= 0) {
      callOff();
      end(SwitchoverAnswer.failed(request.kind(), "nobody has become the new primary in time"));
    } else if (!answered && now.minus(begunAt).compareTo(patience) >= 0) {
      answer(SwitchoverAnswer.unknown(request.kind(), patience));
    }
  }

  private void judgeOutcome(NodeView view) {
    var leader = view.leader();
    if (leader.isEmpty() || termOf(view) == term) {
      return;
    }
    var node = leader.get();
    elected = elected || node.equals(successor);
    if (node.equals(with.self()) && !node.equals(successor)) {
      callOff();
      var why = elected ? "was elected and did not become the primary" : "did not win in time";
      end(
          SwitchoverAnswer.failed(
              request.kind(), "%s %s, %s leads again".formatted(successor, why, node)));
      return;
    }
    var status = Optional.ofNullable(view.members().get(node));
    if (status
        .filter(it -> it.role() == PgRole.PRIMARY && it.state() == PgState.RUNNING)
        .filter(it -> it.timeline().equals(view.record().map(ClusterRecord::timeline)))
        .isPresent()) {
      end(SwitchoverAnswer.done(request.kind(), successor, node));
    }
  }

  /** A stop that has begun cannot be taken back; given up earlier, it would be for nothing. */
  private Duration longest() {
    var stop = with.host().map(it -> it.settings().pgCtlTimeout()).orElse(Duration.ZERO);
    return patience(dynamic).plus(stop);
  }

  private void callOff() {
    with.supervisor().tell(new Supervisor.HandOver(Optional.empty()));
  }

  private void end(SwitchoverAnswer answer) {
    LOG.info("{}: {}", request.kind().noun(), answer.text());
    answer(answer);
    stage = Stage.OVER;
  }

  private void answer(SwitchoverAnswer answer) {
    if (!answered) {
      answered = true;
      reply.accept(answer);
    }
  }

  private static long termOf(NodeView view) {
    return view.record().map(ClusterRecord::term).orElse(0L);
  }
}
