package dev.matriarch.protocol.formation;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import java.time.Duration;
import java.util.Set;
import java.util.SortedMap;

/**
 * What an agent knows about who is joined with whom.
 *
 * @param configured all configured members
 * @param self this life of the agent
 * @param others the lives of the other agents that were heard a moment ago
 * @param heardFor how long {@code others} has been as it is
 */
public record FormationView(
    NodeId name,
    Set<NodeId> configured,
    Life self,
    SortedMap<NodeId, Life> others,
    Duration heardFor) {

  /**
   * One life of an agent, from the start to the end of its actor system.
   *
   * @param id unlike any earlier or later life
   * @param joinedWith the lives in its Pekko cluster, itself included; empty: it has not joined
   */
  public record Life(String id, Set<String> joinedWith) {
    public Life {
      joinedWith = Steady.set(joinedWith);
    }

    public boolean isJoined() {
      return !joinedWith.isEmpty();
    }

    /** One of them may not have heard yet that the other joined. */
    boolean isWith(Life other) {
      return joinedWith.contains(other.id) || other.joinedWith.contains(id);
    }
  }
}
