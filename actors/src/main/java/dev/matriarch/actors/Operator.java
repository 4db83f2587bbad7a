package dev.matriarch.actors;

import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverPolicy;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.NodeView;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * What operators ask of the cluster. Any agent takes a request; the leader's carries it out, or the
 * candidate's where nobody leads, and the answer goes back the same way.
 */
public final class Operator extends AbstractBehavior<Operator.Command> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(25);

  /** What this actor reacts to; the private commands are its notes to itself. */
  public sealed interface Command {}

  /** An operator's request. */
  public record Ask(SwitchoverRequest request, ActorRef<SwitchoverAnswer> replyTo)
      implements Command {}

  /** A request that another agent was asked for. */
  public record Forwarded(long id, NodeId from, SwitchoverRequest request)
      implements Command, WireMessage {}

  /** The answer to a request that this agent has forwarded. */
  public record Answered(long id, SwitchoverAnswer answer) implements Command, WireMessage {}

  private record Checkpointed(boolean done) implements Command {}

  private record CalledOff(String why) implements Command {}

  private record Look() implements Command {}

  /** The rest of the agent. */
  record Surroundings(
      NodeId self,
      Peers<Command> peers,
      Latest<Optional<NodeView>> view,
      ActorRef<Supervisor.Command> supervisor,
      ActorRef<Election.Command> election,
      Optional<PostgresHost> host) {}

  private record Waiting(
      SwitchoverRequest request, ActorRef<SwitchoverAnswer> replyTo, Duration until) {}

  private final Surroundings with;
  private final TimerScheduler<Command> timers;
  private final Map<Long, Waiting> forwarded = new HashMap<>();
  private Optional<Switchover> underWay = Optional.empty();
  private long nextId;

  private Operator(
      ActorContext<Command> context, TimerScheduler<Command> timers, Surroundings with) {
    super(context);
    this.timers = timers;
    this.with = with;
    // An answer to a request of an earlier life must not be taken for one of this.
    nextId = HostClock.bootNanos();
  }

  static Behavior<Command> create(Surroundings with) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Operator(context, timers, with)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onAnyMessage(this::on).build();
  }

  private Behavior<Command> on(Command command) {
    switch (command) {
      case Ask(var request, var replyTo) -> ask(request, replyTo);
      case Forwarded(var id, var from, var request) ->
          carryOut(
              request,
              answer -> with.peers().of(from).ifPresent(it -> it.tell(new Answered(id, answer))));
      case Answered(var id, var answer) ->
          Optional.ofNullable(forwarded.remove(id)).ifPresent(it -> it.replyTo().tell(answer));
      case Checkpointed(var done) -> {
        var self = getContext().getSelf();
        underWay.ifPresent(
            it -> it.checkpointed(done, view(), why -> self.tell(new CalledOff(why)), now()));
      }
      case CalledOff(var why) -> underWay.ifPresent(it -> it.calledOff(why));
      case Look() -> look();
    }
    if (underWay.filter(Switchover::isOver).isPresent()) {
      underWay = Optional.empty();
    }
    if (underWay.isPresent() || !forwarded.isEmpty()) {
      timers.startSingleTimer(new Look(), LOOK_EVERY);
    }
    return this;
  }

  private void ask(SwitchoverRequest request, ActorRef<SwitchoverAnswer> replyTo) {
    if (underWay.isPresent()) { // there may be no leader for a moment
      replyTo.tell(SwitchoverAnswer.busy());
      return;
    }
    var leader = view().flatMap(NodeView::leader);
    var executor = leader.or(() -> forced(request));
    if (executor.isEmpty()) {
      replyTo.tell(SwitchoverAnswer.noLeader());
      return;
    }
    var peer = with.peers().of(executor.get());
    if (peer.isEmpty()) {
      carryOut(request, replyTo::tell);
      return;
    }
    var id = nextId++;
    forwarded.put(id, new Waiting(request, replyTo, now().plus(Switchover.patience(dynamic()))));
    peer.get().tell(new Forwarded(id, with.self(), request));
  }

  /** Without a leader its own agent has to make the candidate one. */
  private static Optional<NodeId> forced(SwitchoverRequest request) {
    return request.kind() == SwitchoverRequest.Kind.FAILOVER
        ? request.candidate()
        : Optional.empty();
  }

  private void carryOut(SwitchoverRequest request, Consumer<SwitchoverAnswer> reply) {
    var view = view();
    if (underWay.isPresent()) {
      reply.accept(SwitchoverAnswer.busy());
    } else if (view.isEmpty()) {
      reply.accept(SwitchoverAnswer.noLeader());
    } else if (view.get().leader().isEmpty() && forced(request).equals(Optional.of(with.self()))) {
      force(request, view.get(), reply);
    } else {
      handOver(request, view.get(), reply);
    }
  }

  private void force(SwitchoverRequest request, NodeView view, Consumer<SwitchoverAnswer> reply) {
    var obstacle = SwitchoverPolicy.obstacleToForce(with.self(), view);
    if (obstacle.isPresent()) {
      reply.accept(obstacle.get());
      return;
    }
    getContext().getLog().warn("an operator makes this node the leader, whatever may be lost");
    with.election().tell(new Election.Force("manual failover"));
    underWay = Optional.of(Switchover.forced(with, request, reply, view, dynamic(), now()));
  }

  private void handOver(
      SwitchoverRequest request, NodeView view, Consumer<SwitchoverAnswer> reply) {
    switch (Switchover.judge(request, view, dynamic())) {
      case SwitchoverPolicy.Verdict.Refuse(var answer) -> {
        getContext().getLog().info("a {} is refused: {}", request.kind().noun(), answer.text());
        reply.accept(answer);
      }
      case SwitchoverPolicy.Verdict.HandOver(var successor) -> {
        getContext()
            .getLog()
            .info("{} to {}: a checkpoint first", request.kind().noun(), successor);
        var begun = Switchover.begun(with, request, successor, reply, view, dynamic(), now());
        underWay = Optional.of(begun);
        var self = getContext().getSelf();
        begun.checkpoint(done -> self.tell(new Checkpointed(done)));
      }
    }
  }

  private void look() {
    var now = now();
    underWay.ifPresent(it -> it.look(view(), now));
    forwarded
        .values()
        .removeIf(it -> {
          var late = now.compareTo(it.until()) >= 0;
          if (late) {
            it.replyTo()
                .tell(
                    SwitchoverAnswer.unknown(it.request().kind(), Switchover.patience(dynamic())));
          }
          return late;
        });
  }

  private Optional<NodeView> view() {
    return with.view().get();
  }

  private DynamicSettings dynamic() {
    var config = view().flatMap(NodeView::record).map(it -> it.config()).orElse(Map.of());
    return DynamicSettingsReader.read(config).settings();
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }
}
