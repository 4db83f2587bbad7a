package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;

/**
 * What one synchronous setting says about another.
 *
 * <p>A setting is what PostgreSQL waits for before it acknowledges a commit; a record says where
 * every acknowledged commit is. The invariant of all changes: every setting that is in force
 * anywhere guarantees every record that a winner may adopt.
 */
public final class Guarantee {
  private Guarantee() {}

  /**
   * Whether every commit that {@code leader} acknowledges under {@code setting} lies on {@code
   * record.copies()} of the members of {@code record}.
   *
   * @param setting absent: PostgreSQL waits for nobody
   * @param record absent: nothing is asked for, since the mode is asynchronous
   */
  public static boolean holds(NodeId leader, Optional<SyncSet> setting, Optional<SyncSet> record) {
    if (record.isEmpty()) {
      return true;
    }
    var asked = record.get();
    if (asked.members().stream().noneMatch(it -> it.node().equals(leader))) {
      return false;
    }
    return 1 + confirmedInside(leader, setting, asked) >= asked.copies();
  }

  /** How many members of {@code asked} beside the leader certainly have confirmed a commit. */
  private static int confirmedInside(NodeId leader, Optional<SyncSet> setting, SyncSet asked) {
    if (setting.isEmpty()) {
      return 0;
    }
    var outside =
        setting.get().members().stream()
            .filter(it -> !it.node().equals(leader) && !asked.members().contains(it))
            .count();
    return (int) Math.max(0, setting.get().copies() - 1 - outside);
  }
}
