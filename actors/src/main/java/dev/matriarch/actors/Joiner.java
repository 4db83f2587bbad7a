package dev.matriarch.actors;

import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.protocol.formation.Formation;
import dev.matriarch.protocol.formation.FormationView;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import java.time.Duration;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;

/** Gets this agent into the one Pekko cluster of its members, as {@link Formation} decides. */
public final class Joiner extends AbstractBehavior<Joiner.Command> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration JOIN_AGAIN_AFTER = Duration.ofSeconds(2);

  /** What this actor reacts to. */
  public sealed interface Command {}

  /** Who is heard. */
  public record Saw(SortedMap<NodeId, MemberStatus> members) implements Command {}

  private record Look() implements Command {}

  private final NodeId self;
  private final SortedMap<NodeId, Endpoint> configured;
  private final Consumer<String> restart;
  private final Cluster cluster;
  private SortedMap<NodeId, FormationView.Life> others = new TreeMap<>();
  private Duration othersSince = now();
  private Duration askedAt = Duration.ZERO;

  private Joiner(
      ActorContext<Command> context,
      NodeId self,
      SortedMap<NodeId, Endpoint> configured,
      Consumer<String> restart) {
    super(context);
    this.self = self;
    this.configured = configured;
    this.restart = restart;
    cluster = Cluster.get(context.getSystem());
  }

  /**
   * A joiner.
   *
   * @param restart begins a new life of this agent's actor system; takes the reason
   */
  static Behavior<Command> create(
      NodeId self, SortedMap<NodeId, Endpoint> configured, Consumer<String> restart) {
    return Behaviors.withTimers(timers -> {
      timers.startTimerWithFixedDelay(new Look(), LOOK_EVERY);
      return Behaviors.setup(context -> new Joiner(context, self, configured, restart));
    });
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onAnyMessage(this::on).build();
  }

  private Behavior<Command> on(Command command) {
    switch (command) {
      case Saw(var members) -> saw(members);
      case Look() -> look();
    }
    return this;
  }

  private void saw(SortedMap<NodeId, MemberStatus> members) {
    var lives = new TreeMap<NodeId, FormationView.Life>();
    members.forEach((node, status) -> {
      if (!node.equals(self)) {
        lives.put(node, new FormationView.Life(status.transport(), status.transportPeers()));
      }
    });
    if (!lives.equals(others)) {
      others = Collections.unmodifiableSortedMap(lives);
      othersSince = now();
    }
  }

  private void look() {
    var view =
        new FormationView(
            self, configured.keySet(), life(cluster), others, now().minus(othersSince));
    switch (Formation.decide(view)) {
      case Formation.Action.Wait() -> {}
      case Formation.Action.Found() -> join(cluster.selfMember().address(), "founding");
      case Formation.Action.Join(var peer) -> {
        var endpoint = configured.get(peer);
        if (endpoint != null) {
          var system = getContext().getSystem().name();
          join(new Address("pekko", system, endpoint.host(), endpoint.port()), "joining " + peer);
        }
      }
      case Formation.Action.Restart(var because) -> restart.accept(because);
    }
  }

  private void join(Address address, String what) {
    if (now().minus(askedAt).compareTo(JOIN_AGAIN_AFTER) < 0) {
      return;
    }
    askedAt = now();
    getContext().getLog().info("{} the agents' cluster", what);
    cluster.manager().tell(Join.create(address));
  }

  /** This life of the agent, and the lives in its Pekko cluster; none before it has joined. */
  static FormationView.Life life(Cluster cluster) {
    var lives = new TreeSet<String>();
    cluster.state().getMembers().forEach(it -> lives.add(text(it.uniqueAddress())));
    return new FormationView.Life(text(cluster.selfMember().uniqueAddress()), lives);
  }

  private static String text(UniqueAddress address) {
    return address.address() + "#" + address.longUid();
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }
}
