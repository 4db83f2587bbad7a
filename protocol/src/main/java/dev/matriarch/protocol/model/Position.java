package dev.matriarch.protocol.model;

import java.util.Comparator;

/**
 * How much write-ahead log a node holds: its newest timeline, and the end of the log on it.
 *
 * <p>Positions compare by timeline first. That is sound because timelines are numbered by the
 * cluster record: whoever won a higher one adopted everything that a majority had stored before.
 *
 * @param timeline PostgreSQL's timeline number, 1 for a new cluster; 0 when there are no data
 */
public record Position(int timeline, Lsn lsn) implements Comparable<Position> {
  private static final Comparator<Position> ORDER =
      Comparator.comparingInt(Position::timeline).thenComparing(Position::lsn);

  @Override
  public int compareTo(Position other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return timeline + ":" + lsn;
  }
}
