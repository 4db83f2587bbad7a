package dev.matriarch.protocol.status;

import dev.matriarch.protocol.model.Lsn;
import java.util.List;
import java.util.Optional;

/**
 * What only the node itself tells of its PostgreSQL.
 *
 * @param postmasterStart PostgreSQL's text form, {@code 2026-01-02 03:04:05.678901+00:00}
 * @param postmasterStartEpochSeconds the same, for metrics
 * @param replayTimestamp commit time of the last replayed transaction, text form as above
 * @param replayTimestampEpochSeconds the same, for metrics
 * @param latestEndLsn the end of WAL that the WAL receiver was last told of
 */
public record InstanceDetail(
    Optional<String> postmasterStart,
    Optional<Double> postmasterStartEpochSeconds,
    Optional<String> replayTimestamp,
    Optional<Double> replayTimestampEpochSeconds,
    boolean replayPaused,
    Optional<Lsn> latestEndLsn,
    List<ReplicationRow> replication) {

  public static final InstanceDetail NONE =
      new InstanceDetail(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false,
          Optional.empty(),
          List.of());

  public InstanceDetail {
    replication = List.copyOf(replication);
  }
}
