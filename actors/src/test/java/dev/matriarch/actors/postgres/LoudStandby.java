package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.sync.IncarnationName;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** Speaks like a standby, and confirms exactly what it is told to. */
final class LoudStandby implements AutoCloseable {
  private final Connection connection;
  private final PGReplicationStream stream;

  LoudStandby(SyncCluster cluster, Incarnation name, String slot) throws SQLException {
    cluster.primary.execute(
        "SELECT pg_create_physical_replication_slot('%s', true)".formatted(slot));
    connection =
        PgConnection.to(cluster.primary.endpoint(), PgFixture.REPLICATION)
            .openReplication(IncarnationName.format(name), Duration.ofSeconds(30));
    stream =
        connection
            .unwrap(PGConnection.class)
            .getReplicationAPI()
            .replicationStream()
            .physical()
            .withSlotName(slot)
            .withStartPosition(
                LogSequenceNumber.valueOf(
                    cluster.primary.query("SELECT pg_current_wal_flush_lsn()")))
            .withStatusInterval(1, TimeUnit.HOURS)
            .start();
  }

  /** Confirms this position, true or not. */
  void confirm(String lsn) throws SQLException {
    while (stream.readPending() != null) {
      assertThat(stream.isClosed()).isFalse();
    }
    stream.setFlushedLSN(LogSequenceNumber.valueOf(lsn));
    stream.setAppliedLSN(LogSequenceNumber.valueOf(lsn));
    stream.forceUpdateStatus();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
