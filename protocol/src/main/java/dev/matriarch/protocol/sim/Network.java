package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.model.NodeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Loses, delays, reorders and doubles messages; links may be cut, also one way. */
final class Network {
  record Link(NodeId from, NodeId to) {}

  private final World world;
  private final Set<Link> cut = new HashSet<>();
  private final Map<NodeId, Long> slowUs = new HashMap<>();
  private final Map<NodeId, Class<? extends ElectionMessage>> mute = new HashMap<>();
  private boolean calm;

  Network(World world) {
    this.world = world;
  }

  void send(NodeId from, NodeId to, ElectionMessage message) {
    var dice = world.dice;
    var setup = world.setup;
    if (cut.contains(new Link(from, to))
        || message.getClass().equals(mute.get(from))
        || (!calm && dice.hits(setup.lost()))) {
      return;
    }
    var copies = !calm && dice.hits(setup.doubled()) ? 2 : 1;
    for (var copy = 0; copy < copies; copy++) {
      var late = !calm && dice.hits(setup.late());
      world.time.after(
          slowUs.getOrDefault(from, 0L)
              + (late ? dice.between(20_000, 3_000_000) : dice.between(500, 6_000)),
          () -> world.host(to).agent.receive(message));
    }
  }

  /** Whether a standby on {@code to} can stream from {@code from}. */
  boolean linked(NodeId from, NodeId to) {
    return world.setup.ownLinks()
        || (!cut.contains(new Link(from, to)) && !cut.contains(new Link(to, from)));
  }

  void cut(Set<Link> links) {
    cut.addAll(links);
  }

  void mend(Set<Link> links) {
    cut.removeAll(links);
  }

  /** Whatever comes from {@code node} needs so much longer; 0: no more. */
  void slow(NodeId node, long byUs) {
    slowUs.put(node, byUs);
  }

  /** All messages of one kind from {@code node} are lost. */
  void mute(NodeId node, Class<? extends ElectionMessage> kind) {
    mute.put(node, kind);
  }

  void unmute(NodeId node) {
    mute.remove(node);
  }

  void calm() {
    cut.clear();
    slowUs.clear();
    mute.clear();
    calm = true;
  }
}
