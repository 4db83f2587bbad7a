package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import java.util.Optional;
import java.util.Set;

/**
 * What the election lets a node do, and wants it to do, at one moment.
 *
 * @param incarnation the number of the data directory that it was told of last; unless that is the
 *     directory's own, what the orders say of it is out of date
 * @param present on a leader, the voters that have answered it within the time of suspicion; it is
 *     one of them
 * @param quiet how much WAL there is here may be asked for soon: the leader was not heard for half
 *     of the time after which it counts as lost, or this node leads and stands again
 */
public record Outlook(
    LeaseView lease,
    Orders orders,
    Optional<Long> incarnation,
    Set<NodeId> present,
    boolean quiet) {
  public Outlook {
    present = Steady.set(present);
  }
}
