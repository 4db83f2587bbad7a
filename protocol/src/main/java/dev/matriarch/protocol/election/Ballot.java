package dev.matriarch.protocol.election;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.matriarch.protocol.model.NodeId;
import java.util.Comparator;

/**
 * One candidacy. A voter promises a term to one candidate only, so a term has at most one leader.
 *
 * @param term 1 or more; 0 only in {@link #NONE}
 * @param store of the candidate's own vote: a node that has lost its store does not remember which
 *     ballots it has used, and must not use one of them again
 */
public record Ballot(long term, NodeId candidate, StoreId store) implements Comparable<Ballot> {
  /** Below every real ballot. */
  public static final Ballot NONE = new Ballot(0, new NodeId("-"), StoreId.UNKNOWN);

  private static final Comparator<Ballot> ORDER =
      Comparator.comparingLong(Ballot::term)
          .thenComparing(Ballot::candidate)
          .thenComparing(it -> it.store().value());

  @JsonIgnore
  public boolean isAbove(Ballot other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(Ballot other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return term + "/" + candidate;
  }
}
