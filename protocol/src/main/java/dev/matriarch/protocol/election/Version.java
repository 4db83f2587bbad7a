package dev.matriarch.protocol.election;

import java.util.Comparator;

/**
 * Which state of the cluster record: the leadership that wrote it, and its count of writes.
 *
 * @param counter from 1; 0 only in {@link #NONE}
 */
public record Version(Ballot ballot, long counter) implements Comparable<Version> {
  /** Below every real version. */
  public static final Version NONE = new Version(Ballot.NONE, 0);

  private static final Comparator<Version> ORDER =
      Comparator.comparing(Version::ballot).thenComparingLong(Version::counter);

  public Version next() {
    return new Version(ballot, Math.addExact(counter, 1));
  }

  @Override
  public int compareTo(Version other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return ballot + "#" + counter;
  }
}
