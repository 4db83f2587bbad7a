package dev.matriarch.actors;

import dev.matriarch.config.AgentSettings;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.persistence.VoterStore;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.Founding;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Outlook;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.status.NodeView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * Guardian of one host's agent: owns the others, and ends them in order.
 *
 * <p>The end of its actor system has a reason: the agent was asked to stop, with PostgreSQL; or it
 * begins a new life at once, and PostgreSQL goes on.
 */
public final class Node {
  public static final String ELECTION = "election";
  public static final String MEMBERS = "members";
  public static final String OPERATOR = "operator";
  private static final Duration STOP_TIMEOUT_AT_LEAST = Duration.ofSeconds(90);

  /** The agents have begun then, and a host that boots has other things to do before. */
  private static final Duration REHEARSE_AFTER = Duration.ofSeconds(5);

  private static final Duration HAND_OVER_AT_MOST = Duration.ofSeconds(1);

  /** What this actor reacts to. */
  public sealed interface Command {}

  /** End the agent, and PostgreSQL with it. */
  public record Shutdown() implements Command {}

  /** An operator wants another member to lead. */
  public record Switch(SwitchoverRequest request, ActorRef<SwitchoverAnswer> replyTo)
      implements Command {}

  private record Renew(String because) implements Command {}

  private record Leads(Outlook outlook) implements Command {}

  private record Won(Failover failover) implements Command {}

  private record Hears(Members.Heard heard) implements Command {}

  private record PostgresDown() implements Command {}

  private record Rehearse() implements Command {}

  private record TookTooLong() implements Command {}

  private record NobodyLeads() implements Command {}

  /** How a life of the agent ended. */
  public enum Ending {
    STOPPED,
    RENEWED,
    /** It never began, or nobody had asked for its end. */
    FAILED
  }

  /**
   * What a node is made of.
   *
   * @param guardian the program that is the parent of PostgreSQL
   * @param version of the agent
   * @param view gets the newest picture
   * @param ending says afterwards why the actor system ended
   */
  public record Parts(
      AgentSettings settings,
      Path guardian,
      String version,
      Latest<Optional<NodeView>> view,
      Latest<Ending> ending) {}

  private final ActorContext<Command> context;
  private final Parts parts;
  private final ActorRef<Joiner.Command> joiner;
  private final ActorRef<Supervisor.Command> supervisor;
  private final ActorRef<Operator.Command> operator;
  private boolean anotherLeads;

  private Node(ActorContext<Command> context, Parts parts) {
    this.context = context;
    this.parts = parts;
    var settings = parts.settings();
    var system = context.getSystem();
    var self = settings.name();
    var members = settings.cluster().members();
    Home.prepare(settings.cluster().dataDir());
    var store = context.spawn(VoterStore.create(), "voter-store");
    var leads = context.messageAdapter(Outlook.class, Leads::new);
    var won = context.messageAdapter(Failover.class, Won::new);
    var hears = context.messageAdapter(Members.Heard.class, Hears::new);
    var election =
        context.spawn(
            Election.create(
                machine(settings), store, Peers.of(system, self, members, ELECTION), leads, won),
            ELECTION,
            DispatcherSelector.fromConfig("matriarch.election-dispatcher"));
    var told =
        context.spawn(Members.create(Peers.of(system, self, members, MEMBERS), hears), MEMBERS);
    joiner =
        context.spawn(
            Joiner.create(self, members, because -> context.getSelf().tell(new Renew(because))),
            "joiner");
    var _ = context.spawn(Lines.create(members.values()), "lines");
    var cluster = Cluster.get(system);
    var pictures =
        new Pictures(
            settings, parts.version(), () -> Joiner.life(cluster), election, told, parts.view());
    var knowledge =
        new Knowledge(
            self, settings.postgresql().isEmpty(), members.keySet(), settings.bootstrap().dcs());
    parts.view().get().map(NodeView::failovers).ifPresent(knowledge.failovers::ofEarlierLife);
    var host =
        settings
            .postgresql()
            .map(it ->
                new PostgresHost(
                    settings, it, PostgresHost.Site.of(settings, it, parts.guardian())));
    supervisor =
        context.spawn(Supervisor.create(knowledge, host, election, pictures), "supervisor");
    operator =
        context.spawn(
            Operator.create(
                new Operator.Surroundings(
                    self,
                    Peers.of(system, self, members, OPERATOR),
                    parts.view(),
                    supervisor,
                    election,
                    host)),
            OPERATOR);
    List.of(store, election, told, joiner, supervisor, operator).forEach(context::watch);
    context.scheduleOnce(REHEARSE_AFTER, context.getSelf(), new Rehearse());
  }

  public static Behavior<Command> create(Parts parts) {
    return Behaviors.setup(context -> new Node(context, parts).running());
  }

  private static ElectionMachine machine(AgentSettings settings) {
    var founding = settings.bootstrap().dcs();
    var dynamic = DynamicSettingsReader.read(founding).settings();
    return new ElectionMachine(
        settings.name(),
        new TreeSet<>(settings.cluster().members().keySet()),
        Election.timing(dynamic.heartbeat(), dynamic.suspicion()),
        new Founding(dynamic.ttl().toMillis(), founding));
  }

  private Behavior<Command> running() {
    return receive(
        this::whileRunning,
        failed -> {
          context.getLog().error("{} has failed; the agent begins a new life", failed);
          parts.ending().set(Ending.RENEWED);
          return Behaviors.stopped();
        });
  }

  /** None of the actors can do without another: a lease would be renewed for a dead primary. */
  private static Behavior<Command> receive(
      Function<Command, Behavior<Command>> onCommand, Function<String, Behavior<Command>> failed) {
    return Behaviors.receive(Command.class)
        .onAnyMessage(onCommand::apply)
        .onSignal(ChildFailed.class, it -> failed.apply(it.getRef().path().name()))
        .onSignal(Terminated.class, _ -> Behaviors.same())
        .build();
  }

  private Behavior<Command> whileRunning(Command command) {
    return switch (command) {
      case Leads(var outlook) -> leads(outlook);
      case Won(var failover) -> pass(new Supervisor.Won(failover));
      case Hears(var heard) -> {
        joiner.tell(new Joiner.Saw(heard.members()));
        yield pass(new Supervisor.Saw(heard));
      }
      case Shutdown() -> stopping();
      case Switch(var request, var replyTo) -> {
        operator.tell(new Operator.Ask(request, replyTo));
        yield Behaviors.same();
      }
      case Renew(var because) -> {
        context.getLog().warn("the agent begins a new life: {}", because);
        parts.ending().set(Ending.RENEWED);
        yield Behaviors.stopped();
      }
      case Rehearse() -> {
        ElectionRehearsal.begin(context.getSystem());
        yield Behaviors.same();
      }
      case PostgresDown(), TookTooLong(), NobodyLeads() -> Behaviors.same();
    };
  }

  private Behavior<Command> leads(Outlook outlook) {
    anotherLeads = outlook.lease() instanceof LeaseView.Theirs;
    return pass(new Supervisor.Leadership(outlook));
  }

  private Behavior<Command> pass(Supervisor.Command command) {
    supervisor.tell(command);
    return Behaviors.same();
  }

  private Behavior<Command> stopping() {
    context.getLog().info("the agent is stopping, and PostgreSQL with it");
    parts.ending().set(Ending.STOPPED);
    var down = context.messageAdapter(Supervisor.Stopped.class, _ -> new PostgresDown());
    supervisor.tell(new Supervisor.Stop(down));
    context.scheduleOnce(stopTimeout(), context.getSelf(), new TookTooLong());
    return receive(
        this::whileStopping,
        failed -> {
          context.getLog().error("{} has failed; PostgreSQL may still run", failed);
          return Behaviors.stopped();
        });
  }

  private Behavior<Command> whileStopping(Command command) {
    return switch (command) {
      case Leads(var outlook) -> leads(outlook);
      case Hears(var heard) -> pass(new Supervisor.Saw(heard));
      case PostgresDown() -> {
        context.getLog().info("PostgreSQL is down");
        yield anotherLeads ? Behaviors.stopped() : handingOver();
      }
      case TookTooLong() -> {
        context.getLog().error("PostgreSQL does not stop; the agent ends without it");
        yield Behaviors.stopped();
      }
      case Won _, Shutdown(), Renew _, NobodyLeads(), Switch _, Rehearse() -> Behaviors.same();
    };
  }

  /**
   * The lease's release must reach the others before the transport ends, and this node's vote may
   * be the one that the next leader lacks: else nobody leads before the lease would have ended.
   */
  private Behavior<Command> handingOver() {
    context.scheduleOnce(HAND_OVER_AT_MOST, context.getSelf(), new NobodyLeads());
    return receive(this::whileHandingOver, _ -> Behaviors.stopped());
  }

  private Behavior<Command> whileHandingOver(Command command) {
    return switch (command) {
      case Leads(Outlook(LeaseView.Theirs(var leader, _), _, _, _, _)) -> {
        context.getLog().info("{} leads; the agent ends", leader);
        yield Behaviors.stopped();
      }
      case NobodyLeads() -> {
        context.getLog().info("nobody leads yet; the agent ends");
        yield Behaviors.stopped();
      }
      case Leads _,
          Won _,
          Hears _,
          Shutdown(),
          Renew _,
          PostgresDown(),
          TookTooLong(),
          Switch _,
          Rehearse() ->
          Behaviors.same();
    };
  }

  private Duration stopTimeout() {
    var configured = parts.settings().postgresql().map(it -> it.pgCtlTimeout().plusSeconds(30));
    return configured
        .filter(it -> it.compareTo(STOP_TIMEOUT_AT_LEAST) > 0)
        .orElse(STOP_TIMEOUT_AT_LEAST);
  }
}
