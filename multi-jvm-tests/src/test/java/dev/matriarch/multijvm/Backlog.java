package dev.matriarch.multijvm;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps a standby behind that gets WAL more slowly than it can be written: whenever less than so
 * many bytes are missing on its disk, more are written. No commit of it waits for anybody.
 */
final class Backlog implements AutoCloseable {
  private static final String MORE =
      "SELECT pg_logical_emit_message(false, 'backlog', repeat('x', 500000))";
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

  private final JvmNode primary;
  private final JvmNode standby;
  private final long bytes;
  private final Thread thread;
  private volatile boolean stopped;

  private Backlog(JvmNode primary, JvmNode standby, long bytes) {
    this.primary = primary;
    this.standby = standby;
    this.bytes = bytes;
    this.thread = Thread.ofPlatform().daemon().name("backlog").unstarted(this::work);
  }

  static Backlog of(JvmNode primary, JvmNode standby, long bytes) {
    var backlog = new Backlog(primary, standby, bytes);
    backlog.thread.start();
    return backlog;
  }

  private void work() {
    var missing =
        "SELECT pg_current_wal_insert_lsn() - flush_lsn FROM pg_stat_replication WHERE split_part(application_name, '_', 1) = '%s'"
            .formatted(standby);
    try (var connection = primary.connect();
        var statement = connection.createStatement()) {
      while (!stopped) {
        try (var rows = statement.executeQuery(missing)) {
          if (!rows.next() || rows.getLong(1) >= bytes) {
            LockSupport.parkNanos(PAUSE);
            continue;
          }
        }
        statement.execute(MORE);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("no more WAL: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
