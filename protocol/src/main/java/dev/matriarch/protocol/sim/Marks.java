package dev.matriarch.protocol.sim;

import java.util.EnumMap;
import java.util.Map;

/** How often each {@link Mark} was reached. */
public final class Marks {
  private final Map<Mark, Long> counts = new EnumMap<>(Mark.class);

  void reached(Mark mark) {
    counts.merge(mark, 1L, Long::sum);
  }

  public long count(Mark mark) {
    return counts.getOrDefault(mark, 0L);
  }

  public void add(Marks other) {
    other.counts.forEach((mark, count) -> counts.merge(mark, count, Long::sum));
  }

  @Override
  public String toString() {
    return counts.toString();
  }
}
