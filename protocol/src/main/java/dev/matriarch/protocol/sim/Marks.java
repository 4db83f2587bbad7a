package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Standing;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** How often each {@link Mark} was reached. */
public final class Marks {
  private final Map<Mark, Long> counts = new EnumMap<>(Mark.class);
  private final SortedSet<String> moves = new TreeSet<>();

  void reached(Mark mark) {
    counts.merge(mark, 1L, Long::sum);
  }

  /** A node has got from one standing to another. */
  void moved(Standing from, Standing to) {
    if (from.getClass() != to.getClass()) {
      moves.add(from.getClass().getSimpleName() + " --> " + to.getClass().getSimpleName());
    }
  }

  /** Every way from one standing to another that was gone. */
  public SortedSet<String> moves() {
    return Collections.unmodifiableSortedSet(moves);
  }

  public long count(Mark mark) {
    return counts.getOrDefault(mark, 0L);
  }

  public void add(Marks other) {
    moves.addAll(other.moves);
    other.counts.forEach((mark, count) -> counts.merge(mark, count, Long::sum));
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
