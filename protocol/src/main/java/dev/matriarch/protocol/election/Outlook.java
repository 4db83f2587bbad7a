package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import java.util.Set;

/**
 * What the election lets a node do, and wants it to do, at one moment.
 *
 * @param present on a leader, the voters that have answered it within the time of suspicion; it is
 *     one of them
 */
public record Outlook(LeaseView lease, Orders orders, Set<NodeId> present) {
  public Outlook {
    present = Set.copyOf(present);
  }
}
