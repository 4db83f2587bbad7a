package dev.matriarch.persistence;

import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.BackoffSupervisorStrategy;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.state.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.state.javadsl.DurableStateBehavior;

/**
 * Keeps what a voter must not forget, in a file. {@link Loaded} and {@link Saved} tell a state that
 * is durable. The first failure is final: from then on every command is answered with {@link
 * Broken}, because nobody knows any more what the disk holds, and a voter that could forget must
 * not vote.
 *
 * <p>The actor system's configuration has to include {@link VoterStoreConfig#of}; one per actor
 * system. Commands are answered in their order.
 */
public final class VoterStore {
  /** Above it the disk hangs, or the caller does not wait for answers. */
  private static final int WAITING_MAX = 256;

  private final ActorContext<Command> context;
  private final ActorRef<Request> keeper;
  private final ActorRef<Reply> answers;
  private final Queue<ActorRef<Reply>> waiting = new ArrayDeque<>();

  /** What the actor takes. */
  public sealed interface Command {}

  /** What others may ask. */
  public sealed interface Request extends Command {
    ActorRef<Reply> replyTo();
  }

  /** Answered with {@link Loaded} or {@link Broken}. */
  public record Load(ActorRef<Reply> replyTo) implements Request {}

  /** Answered with {@link Saved} or {@link Broken}. */
  public record Save(VoterState state, ActorRef<Reply> replyTo) implements Request {}

  private record Answered(Reply reply) implements Command {}

  /** What the actor answers. */
  public sealed interface Reply {}

  /** The state that is on disk. */
  public record Loaded(VoterState state) implements Reply {}

  /** This state is on disk. */
  public record Saved(VoterState state) implements Reply {}

  /**
   * The state may or may not be on disk, and this voter must not vote until its agent is restarted.
   *
   * @param reason names the file, what is wrong, and what the operator can do
   */
  public record Broken(String reason) implements Reply {}

  private VoterStore(ActorContext<Command> context) {
    this.context = context;
    var config = context.getSystem().settings().config().getConfig(VoterStoreConfig.PATH);
    var keep =
        new Keeper(
            PersistenceId.ofUniqueId(config.getString("persistence-id")),
            new NodeId(config.getString("node")));
    keeper = context.spawn(keep, "keeper");
    context.watch(keeper);
    answers = context.messageAdapter(Reply.class, Answered::new);
  }

  public static Behavior<Command> create() {
    return Behaviors.setup(context -> new VoterStore(context).sound());
  }

  private Behavior<Command> sound() {
    return Behaviors.receive((_, command) -> onCommand(command), (_, signal) -> onSignal(signal));
  }

  private Behavior<Command> onCommand(Command command) {
    return switch (command) {
      case Request request when waiting.size() == WAITING_MAX -> {
        waiting.add(request.replyTo());
        yield breaks("%d commands wait for the disk".formatted(WAITING_MAX));
      }
      case Load(var replyTo) -> {
        waiting.add(replyTo);
        keeper.tell(new Load(answers));
        yield Behaviors.same();
      }
      case Save(var state, var replyTo) -> {
        waiting.add(replyTo);
        keeper.tell(new Save(state, answers));
        yield Behaviors.same();
      }
      case Answered(var reply) -> {
        waiting.remove().tell(reply);
        yield Behaviors.same();
      }
    };
  }

  private Behavior<Command> onSignal(Signal signal) {
    return switch (signal) {
      case ChildFailed failed -> breaks(rootOf(failed.cause()));
      case Terminated _ -> breaks("the store has stopped");
      case Signal _ -> Behaviors.unhandled();
    };
  }

  private Behavior<Command> breaks(String reason) {
    context.getLog().error("this node stops voting until the agent is restarted: {}", reason);
    var broken = new Broken(reason);
    waiting.forEach(it -> it.tell(broken));
    waiting.clear();
    return Behaviors.receive(
        (_, command) -> {
          if (command instanceof Request request) {
            request.replyTo().tell(broken);
          }
          return Behaviors.same();
        },
        (_, _) -> Behaviors.same());
  }

  private static String rootOf(Throwable failure) {
    var cause = failure;
    // The outermost exception of the store says which file; below it is the operating system's
    // word.
    while (cause.getCause() != null && !(cause instanceof IOException)) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  /** Recovers and persists; it fails with the first failure of the disk. */
  private static final class Keeper extends DurableStateBehavior<Request, VoterState> {
    /** Not a single restart; the reason is logged by the parent, in words for operators. */
    private static final BackoffSupervisorStrategy FAIL_SILENTLY =
        SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), Duration.ofSeconds(1), 0)
            .withMaxRestarts(0)
            .withLoggingEnabled(false);

    private final NodeId node;

    private Keeper(PersistenceId id, NodeId node) {
      super(id, FAIL_SILENTLY);
      this.node = node;
    }

    /** Never told: the store begins with a state of its own. */
    @Override
    public VoterState emptyState() {
      return VoterState.fresh(node, StoreId.UNKNOWN, 0);
    }

    @Override
    public CommandHandler<Request, VoterState> commandHandler() {
      return (stored, request) ->
          switch (request) {
            case Load(var replyTo) -> Effect().reply(replyTo, new Loaded(stored));
            case Save(var state, var replyTo) ->
                Effect().persist(state).thenReply(replyTo, Saved::new);
          };
    }
  }
}
