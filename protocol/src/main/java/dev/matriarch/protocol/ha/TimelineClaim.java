package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.model.NodeId;
import java.util.List;
import java.util.Optional;

/**
 * Whether a data directory was primary on a timeline that the record gave to its node.
 *
 * <p>PostgreSQL numbers timelines by itself. Whoever promotes a standby by hand gets the number
 * that the record gives to the next winner, and then neither the number nor, if both forked at one
 * place, the history tells the two logs apart: the node would be taken for one that follows, or
 * even win with WAL that nobody else ever saw. What does tell them apart is that the directory was
 * primary, by its control file, and that the record names another leader for that timeline, or
 * none. Such data count for nothing: their position is not told, and they are cloned anew, never
 * rewound. A number that the node was elected for and had not used yet is its own also when a
 * person uses it. Timeline 1 comes from initdb and never from a promotion. It has to be asked
 * before the directory is started as a standby, which wipes out the evidence; and what was found
 * belongs into the directory, for the store that holds the record may be lost. So does the timeline
 * of the last promotion on the cluster's behalf: a store that comes back from earlier does not know
 * of it, and good data must not be given away for that.
 */
public final class TimelineClaim {
  private TimelineClaim() {}

  /**
   * Whether {@code timeline}, on which the directory of {@code self} was primary, is its own.
   *
   * @param promotedTo the timeline of its last promotion for the cluster, as the directory tells
   * @param history of the newest record stored at this node; empty: nothing can be said against it
   */
  public static boolean isGiven(
      NodeId self, int timeline, Optional<Integer> promotedTo, List<HistoryEntry> history) {
    return timeline == 1
        || promotedTo.equals(Optional.of(timeline))
        || history.isEmpty()
        || history.getFirst().timeline() > timeline
        || history.stream().anyMatch(it -> it.timeline() == timeline && it.leader().equals(self));
  }
}
