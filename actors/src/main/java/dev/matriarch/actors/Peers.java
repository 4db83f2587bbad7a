package dev.matriarch.actors;

import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * The actors of the other agents, by their configured addresses.
 *
 * <p>No message waits for a lookup or for gossip: a reference is made from the address, and leads
 * to whatever life of the agent listens there.
 */
final class Peers<T> {
  private final Map<NodeId, ActorRef<T>> refs;

  private Peers(Map<NodeId, ActorRef<T>> refs) {
    this.refs = refs;
  }

  /**
   * References to the actor {@code name} below each agent's guardian.
   *
   * @param members all configured members; {@code self} is left out
   */
  static <T> Peers<T> of(
      ActorSystem<?> system, NodeId self, SortedMap<NodeId, Endpoint> members, String name) {
    var resolver = ActorRefResolver.get(system);
    var refs = new TreeMap<NodeId, ActorRef<T>>();
    members.forEach((node, endpoint) -> {
      if (!node.equals(self)) {
        refs.put(
            node,
            resolver.resolveActorRef(
                "pekko://%s@%s/user/%s".formatted(system.name(), endpoint.format(), name)));
      }
    });
    return new Peers<>(Collections.unmodifiableMap(refs));
  }

  /** These. */
  static <T> Peers<T> of(Map<NodeId, ActorRef<T>> refs) {
    return new Peers<>(Map.copyOf(refs));
  }

  Optional<ActorRef<T>> of(NodeId node) {
    return Optional.ofNullable(refs.get(node));
  }

  void tellAll(T message) {
    refs.values().forEach(it -> it.tell(message));
  }
}
