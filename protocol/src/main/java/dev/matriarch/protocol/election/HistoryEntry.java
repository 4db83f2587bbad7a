package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;

/**
 * One leadership that began a timeline.
 *
 * @param timeline the timeline that begins here
 * @param fork where it leaves its parent; what the winner held when it was elected, until the
 *     promotion tells exactly
 * @param at ISO 8601 with zone, by the leader's wall clock; for people only
 * @param reason why the leader was elected
 * @param parent the timeline that was left; absent: none, or not known. It need not be the one
 *     before: a winner may not have received anything of that.
 */
public record HistoryEntry(
    long term,
    int timeline,
    Lsn fork,
    NodeId leader,
    Optional<String> at,
    String reason,
    Optional<Integer> parent) {
  /** With an unknown parent. */
  public HistoryEntry(
      long term, int timeline, Lsn fork, NodeId leader, Optional<String> at, String reason) {
    this(term, timeline, fork, leader, at, reason, Optional.empty());
  }
}
