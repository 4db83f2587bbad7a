package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.SyncSet;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the operator asks of synchronous replication.
 *
 * @param strict no commit is acknowledged by the leader alone: without a standby commits wait
 * @param nodeCount {@code synchronous_node_count}: on how many standbys a commit is, if there are
 *     as many; at least 1
 * @param lagMaxBytes {@code maximum_lag_on_syncnode}: a standby that is further behind the best one
 *     is not used; absent: no limit
 * @param patience for how long a member that is suspected to be dead stays in the set
 */
public record SyncPolicy(
    SyncMode mode, boolean strict, int nodeCount, OptionalLong lagMaxBytes, Duration patience) {
  /** Commits may wait for a standby so long that has gone; a slow answer is no reason to leave. */
  public static final Duration PATIENCE = Duration.ofMillis(500);

  /** The leader commits alone once all others of the set have been suspected for so long. */
  public static final Duration ALONE_AFTER = Duration.ofSeconds(1);

  /** Asynchronous replication. */
  public static final SyncPolicy ASYNCHRONOUS =
      new SyncPolicy(SyncMode.OFF, false, 1, OptionalLong.empty(), PATIENCE);

  /**
   * @throws IllegalArgumentException if fewer than one standby is asked for, the lag allowed is
   *     negative, or the patience is
   */
  public SyncPolicy {
    if (nodeCount < 1) {
      throw new IllegalArgumentException(
          "synchronous_node_count is %d: use 1 or more".formatted(nodeCount));
    }
    if (lagMaxBytes.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "the lag allowed is %d bytes: leave it out for no limit"
              .formatted(lagMaxBytes.getAsLong()));
    }
    if (patience.isNegative()) {
      throw new IllegalArgumentException("negative patience: " + patience);
    }
  }

  /**
   * The setting of PostgreSQL that belongs to a record. Whoever is elected has it in force before
   * it promotes.
   */
  public SyncSetting settingFor(Optional<SyncSet> record) {
    if (record.filter(it -> it.copies() > 1).isPresent()) {
      var set = record.get();
      return new SyncSetting.Members(
          set, mode == SyncMode.PRIORITY && set.copies() == set.members().size());
    }
    return strict && mode != SyncMode.OFF ? new SyncSetting.Held() : new SyncSetting.Unset();
  }
}
