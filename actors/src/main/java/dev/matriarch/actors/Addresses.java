package dev.matriarch.actors;

import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where each member's PostgreSQL was said to listen last; that outlives its silence. */
final class Addresses {
  private final Map<NodeId, Endpoint> addresses = new HashMap<>();

  void heard(Collection<MemberStatus> members) {
    members.forEach(it -> it.postgres().ifPresent(at -> addresses.put(it.node(), at)));
  }

  Optional<Endpoint> of(NodeId node) {
    return Optional.ofNullable(addresses.get(node));
  }

  /** The member whose PostgreSQL listens there. */
  Optional<NodeId> nodeAt(Endpoint endpoint) {
    return addresses.entrySet().stream()
        .filter(it -> it.getValue().equals(endpoint))
        .map(Map.Entry::getKey)
        .min(Comparator.naturalOrder());
  }
}
