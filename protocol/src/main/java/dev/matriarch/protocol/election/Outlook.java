package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;
import java.util.Set;

/**
 * What the election lets a node do, and wants it to do, at one moment.
 *
 * @param incarnation the number of the data directory that it was told of last; unless that is the
 *     directory's own, what the orders say of it is out of date
 * @param present on a leader, the voters that have answered it within the time of suspicion; it is
 *     one of them
 */
public record Outlook(
    LeaseView lease, Orders orders, Optional<Long> incarnation, Set<NodeId> present) {
  public Outlook {
    present = Set.copyOf(present);
  }
}
