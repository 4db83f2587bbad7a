package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.List;
import java.util.Optional;

/** How much WAL is lost when a node becomes primary in place of one that held more. */
public final class LossBound {
  private LossBound() {}

  /**
   * Bytes of WAL that {@code other} holds and {@code winner} does not.
   *
   * <p>WAL counts as common up to the point where the ways to the two timelines part. So the winner
   * may lack more than it is behind: what it holds past that point is another log.
   *
   * @return 0 if nothing is lost; {@link Long#MAX_VALUE} if a fork on one of the ways is not in
   *     {@code history}
   */
  public static long bytes(Position winner, Position other, List<HistoryEntry> history) {
    if (winner.timeline() > other.timeline()) {
      return 0;
    }
    var mine = winner;
    var theirs = other;
    while (mine.timeline() != theirs.timeline()) {
      var newer = mine.timeline() > theirs.timeline() ? mine : theirs;
      var left = left(newer.timeline(), history);
      if (left.isEmpty()) {
        return Long.MAX_VALUE;
      }
      if (newer.equals(mine)) {
        mine = left.get();
      } else {
        theirs = left.get();
      }
    }
    var common = mine.lsn().compareTo(theirs.lsn()) < 0 ? mine.lsn() : theirs.lsn();
    return common.bytesBehind(other.lsn());
  }

  /**
   * The same, as far as it matters to those who wrote to one of the timelines {@code last}: what
   * lies on no way to one of these was lost before.
   *
   * @return the most for any of them; without one, what is lost on the way to {@code other}
   */
  public static long bytes(
      Position winner, Position other, List<HistoryEntry> history, List<Integer> last) {
    return last.stream()
        .mapToLong(it -> bytesOnTheWay(winner, other, history, it))
        .max()
        .orElseGet(() -> bytes(winner, other, history));
  }

  private static long bytesOnTheWay(
      Position winner, Position other, List<HistoryEntry> history, int last) {
    var theirs = reached(other, last, history);
    if (theirs.isEmpty()) {
      return bytes(winner, other, history);
    }
    return reached(winner, last, history)
        .map(it -> it.bytesBehind(theirs.get()))
        .orElse(Long.MAX_VALUE);
  }

  /** The end of what {@code held} has of the way to a timeline; empty if that is not known. */
  private static Optional<Lsn> reached(Position held, int timeline, List<HistoryEntry> history) {
    var at = Optional.of(held);
    while (at.isPresent()) {
      var here = at.get();
      if (here.timeline() == timeline) {
        return Optional.of(here.lsn());
      }
      var fork = fork(here.timeline(), timeline, history);
      if (fork.isPresent()) {
        return Optional.of(here.lsn().compareTo(fork.get()) < 0 ? here.lsn() : fork.get());
      }
      at = left(here.timeline(), history);
    }
    return Optional.empty();
  }

  /**
   * Where the way to timeline {@code to} leaves timeline {@code from}.
   *
   * @return empty if {@code from} is not on that way, or {@code history} does not tell it all
   */
  public static Optional<Lsn> fork(int from, int to, List<HistoryEntry> history) {
    var at = left(to, history);
    while (at.filter(it -> it.timeline() > from).isPresent()) {
      at = left(at.get().timeline(), history);
    }
    return at.filter(it -> it.timeline() == from).map(Position::lsn);
  }

  /** Where the way to {@code timeline} leaves its parent; without a known one, the one before. */
  private static Optional<Position> left(int timeline, List<HistoryEntry> history) {
    var before = 0;
    for (var it : history) {
      if (it.timeline() == timeline) {
        int parent = it.parent().orElse(before);
        return parent == 0 ? Optional.empty() : Optional.of(new Position(parent, it.fork()));
      }
      before = it.timeline();
    }
    return Optional.empty();
  }
}
