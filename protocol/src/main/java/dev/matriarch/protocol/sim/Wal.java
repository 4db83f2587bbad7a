package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.ha.TimelineHistory;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * The write-ahead log that a node holds.
 *
 * @param branches where each timeline of it begins, the oldest first
 * @param end bytes
 */
record Wal(String systemIdentifier, List<Branch> branches, long end) {
  /**
   * A timeline.
   *
   * @param beginning unlike that of any other; PostgreSQL does not know it
   */
  record Branch(int timeline, long from, long beginning) {}

  Wal {
    branches = List.copyOf(branches);
  }

  static Wal initial(String systemIdentifier) {
    return new Wal(systemIdentifier, List.of(new Branch(1, 0, 0)), 100);
  }

  int timeline() {
    return branches.getLast().timeline();
  }

  Position position() {
    return new Position(timeline(), new Lsn(end));
  }

  Wal grown(long bytes) {
    return new Wal(systemIdentifier, branches, end + bytes);
  }

  /** What it had when it ended at {@code earlier}, or before all if it never did. */
  Wal upTo(long earlier) {
    var known = branches.stream().filter(it -> it.from() <= earlier).toList();
    return known.isEmpty() ? this : new Wal(systemIdentifier, known, Math.min(end, earlier));
  }

  /** Whether its newest timeline is {@code timeline}, and had begun at {@code earlier}. */
  boolean mayEndAt(int timeline, long earlier) {
    return timeline() == timeline && branches.getLast().from() <= earlier;
  }

  /** As it was when it ended at {@code earlier}, which is on its newest timeline. */
  Wal until(long earlier) {
    return new Wal(systemIdentifier, branches, earlier);
  }

  Wal promoted(int timeline, long beginning) {
    var more = new ArrayList<>(branches);
    more.add(new Branch(timeline, end, beginning));
    return new Wal(systemIdentifier, more, end);
  }

  /** Some of what {@code longer} has more. */
  Wal partOf(Wal longer, Dice dice) {
    if (!branches.equals(longer.branches())) {
      return longer;
    }
    return new Wal(systemIdentifier, branches, dice.between(end, longer.end()));
  }

  /** The end of what it holds of a timeline; -1: nothing. */
  long reaches(int timeline) {
    for (var i = 0; i < branches.size(); i++) {
      if (branches.get(i).timeline() == timeline) {
        return i + 1 < branches.size() ? branches.get(i + 1).from() : end;
      }
    }
    return -1;
  }

  /** As PostgreSQL tells it, which is asked where it left each timeline. */
  TimelineHistory history() {
    var ancestors = new ArrayList<TimelineHistory.Ancestor>();
    for (var i = 1; i < branches.size(); i++) {
      var left = new Lsn(branches.get(i).from());
      ancestors.add(new TimelineHistory.Ancestor(branches.get(i - 1).timeline(), left, ""));
    }
    return new TimelineHistory(ancestors);
  }

  /** Without what PostgreSQL does not know. */
  Wal asNumbered() {
    var numbered = branches.stream().map(it -> new Branch(it.timeline(), it.from(), 0)).toList();
    return new Wal(systemIdentifier, numbered, end);
  }

  /** What both have, from the beginning. */
  Wal commonWith(Wal other) {
    var common = new ArrayList<Branch>();
    while (common.size() < Math.min(branches.size(), other.branches.size())
        && branches.get(common.size()).equals(other.branches.get(common.size()))) {
      common.add(branches.get(common.size()));
    }
    var timeline = common.getLast().timeline();
    return new Wal(systemIdentifier, common, Math.min(reaches(timeline), other.reaches(timeline)));
  }

  /** Whether a node with this log can follow one with {@code other} by streaming alone. */
  boolean isPrefixOf(Wal other) {
    var known = branches.size();
    var leaves = other.branches.size() > known ? other.branches.get(known).from() : other.end;
    return systemIdentifier.equals(other.systemIdentifier)
        && known <= other.branches.size()
        && branches.equals(other.branches.subList(0, known))
        && end <= leaves;
  }
}
