package dev.matriarch.protocol.election;

import com.fasterxml.jackson.annotation.JsonInclude;
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
 * @param course how the fail-over went; absent until that is known, and for the older ones
 */
public record HistoryEntry(
    long term,
    int timeline,
    Lsn fork,
    NodeId leader,
    Optional<String> at,
    String reason,
    Optional<Integer> parent,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Course> course) {
  /** With an unknown parent. */
  public HistoryEntry(
      long term, int timeline, Lsn fork, NodeId leader, Optional<String> at, String reason) {
    this(term, timeline, fork, leader, at, reason, Optional.empty());
  }

  /** Before its course is known. */
  public HistoryEntry(
      long term,
      int timeline,
      Lsn fork,
      NodeId leader,
      Optional<String> at,
      String reason,
      Optional<Integer> parent) {
    this(term, timeline, fork, leader, at, reason, parent, Optional.empty());
  }

  public HistoryEntry withFork(Lsn newFork, String newAt) {
    return new HistoryEntry(
        term, timeline, newFork, leader, Optional.of(newAt), reason, parent, course);
  }

  public HistoryEntry withCourse(Optional<Course> newCourse) {
    return new HistoryEntry(term, timeline, fork, leader, at, reason, parent, newCourse);
  }
}
