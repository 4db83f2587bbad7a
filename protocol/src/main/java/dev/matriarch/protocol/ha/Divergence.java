package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.model.Position;

/** Whether a data directory can follow the leader as it is. */
public sealed interface Divergence {
  /** It is on the leader's timeline. */
  record Same() implements Divergence {}

  /** It is on an older timeline and has nothing past the fork: it can follow. */
  record Behind() implements Divergence {}

  /** It has log that the leader does not have: rewind, or clone anew. */
  record Diverged(String why) implements Divergence {}

  /**
   * Only pg_rewind can tell: whether the last record of a primary that was stopped in order ends at
   * the fork is not to be seen in its control file. It answers "no rewind required" if so.
   */
  record RewindDecides(String why) implements Divergence {}

  /** It cannot be said yet; {@code why} says what has to be done first. */
  record Unknown(String why) implements Divergence {}

  /** How the log of a data directory came about, which decides what its position means. */
  enum Origin {
    /** It was in recovery: the position is the end of what it received or replayed. */
    REPLICA,
    /** A primary that was stopped in order: the position is that of its last checkpoint. */
    STOPPED_PRIMARY,
    /** A primary that crashed: its end is known only after crash recovery. */
    CRASHED_PRIMARY
  }

  /**
   * The log of the local data directory. The position of a stopped replica may be lower than the
   * log that it holds; then the check after its start finds what this one did not.
   */
  record LocalWal(Origin origin, Position end) {}

  /**
   * The leader's log.
   *
   * @param history of {@code timeline}, asked from the leader
   */
  record LeaderWal(int timeline, TimelineHistory history) {}

  /** Compares the two. It never takes missing or damaged facts for a divergence. */
  static Divergence judge(LocalWal local, LeaderWal leader) {
    var timeline = local.end().timeline();
    if (timeline < 1) {
      return new Unknown("the local timeline is not known");
    }
    if (local.origin() == Origin.CRASHED_PRIMARY) {
      return new Unknown("the former primary did not stop in order: crash recovery comes first");
    }
    if (timeline == leader.timeline()) {
      return new Same();
    }
    if (timeline > leader.timeline()) {
      return new Diverged(
          "timeline %d is newer than the leader's %d".formatted(timeline, leader.timeline()));
    }
    return judgeOlder(local, leader);
  }

  private static Divergence judgeOlder(LocalWal local, LeaderWal leader) {
    var timeline = local.end().timeline();
    var ancestors = leader.history().ancestors();
    if (ancestors.isEmpty() || ancestors.getLast().timeline() >= leader.timeline()) {
      return new Unknown(
          "the leader gave no usable history of its timeline %d".formatted(leader.timeline()));
    }
    var found = leader.history().forkOf(timeline);
    if (found.isEmpty()) {
      return new Diverged(
          "timeline %d is not in the history of the leader's %d"
              .formatted(timeline, leader.timeline()));
    }
    var fork = found.get();
    var order = local.end().lsn().compareTo(fork);
    var where = "%s, the leader left its timeline at %s".formatted(local.end(), fork);
    return switch (local.origin()) {
      case REPLICA -> order > 0 ? new Diverged(where) : new Behind();
      case STOPPED_PRIMARY ->
          order >= 0
              ? new Diverged("last checkpoint at " + where)
              : new RewindDecides("last checkpoint at " + where);
      case CRASHED_PRIMARY -> throw new IllegalStateException("judged before: " + local);
    };
  }
}
