package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.Guarantee;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;

/** For whom PostgreSQL's commits wait. */
public sealed interface SyncSetting {

  /**
   * The set as the election machine counts it; absent: for nobody. Held commits are reported as
   * weaker than they are, which is the safe side.
   */
  Optional<SyncSet> waitsFor();

  /** Whether every commit acknowledged under this setting is where the record says. */
  boolean guarantees(NodeId leader, Optional<SyncSet> record);

  /** For nobody; a value that the operator has set by hand counts as this too. */
  record Unset() implements SyncSetting {
    @Override
    public Optional<SyncSet> waitsFor() {
      return Optional.empty();
    }

    @Override
    public boolean guarantees(NodeId leader, Optional<SyncSet> record) {
      return Guarantee.holds(leader, Optional.empty(), record);
    }
  }

  /** For a standby that does not exist: none is acknowledged. */
  record Held() implements SyncSetting {
    @Override
    public Optional<SyncSet> waitsFor() {
      return Optional.empty();
    }

    @Override
    public boolean guarantees(NodeId leader, Optional<SyncSet> record) {
      return true;
    }
  }

  /**
   * For members of a set.
   *
   * @param set the leader's own incarnation included
   * @param inOrder written as {@code FIRST}, which is what tools expect of chosen standbys; used
   *     only where all are waited for, so that it means the same as {@code ANY}
   */
  record Members(SyncSet set, boolean inOrder) implements SyncSetting {
    /**
     * @throws IllegalArgumentException if nobody is waited for, or some in order
     */
    public Members {
      if (set.copies() < 2 || (inOrder && set.copies() < set.members().size())) {
        throw new IllegalArgumentException(
            "%d of %d members, in order: %b"
                .formatted(set.copies(), set.members().size(), inOrder));
      }
    }

    @Override
    public Optional<SyncSet> waitsFor() {
      return Optional.of(set);
    }

    @Override
    public boolean guarantees(NodeId leader, Optional<SyncSet> record) {
      return Guarantee.holds(leader, Optional.of(set), record);
    }
  }
}
