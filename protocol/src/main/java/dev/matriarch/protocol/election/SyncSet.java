package dev.matriarch.protocol.election;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.matriarch.protocol.model.Steady;
import java.util.Set;

/**
 * The synchronous set: a commit is acknowledged once it is on {@code copies} of the members.
 *
 * @param members the leader's own incarnation included
 * @param copies leader included; 1 only when the leader is the only member
 */
public record SyncSet(Set<Incarnation> members, int copies) {
  /**
   * @throws IllegalArgumentException if {@code copies} is not possible with these members
   */
  public SyncSet {
    members = Steady.set(members);
    var possible = members.size() == 1 ? copies == 1 : copies >= 2 && copies <= members.size();
    if (!possible) {
      throw new IllegalArgumentException(
          "%d copies on %d members".formatted(copies, members.size()));
    }
  }

  /** How many members must be fenced to know every acknowledged commit. */
  @JsonIgnore
  public int readQuorum() {
    return members.size() - copies + 1;
  }
}
