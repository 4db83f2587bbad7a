package dev.matriarch.actors.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A commit of its own that changes nothing, to see whether commits wait for standbys. It runs on a
 * virtual thread, and whoever closes the probe ends it on the server as well: the time-out of a
 * statement does not reach a commit that waits.
 *
 * <p>That it returned says nothing about replication, since it may have been cancelled; only that
 * it is seen waiting is proof.
 */
final class CommitProbe implements AutoCloseable {
  /** By which left-over probes of a dead agent are found. */
  static final String NAME = "Matriarch probe";

  private static final Duration END_TIMEOUT = Duration.ofSeconds(3);
  private static final String END_ALL =
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = '%s' AND usename = current_user\
      """
          .formatted(NAME);

  private final Connection control;
  private final Connection connection;
  private final int pid;
  private @Nullable CompletableFuture<Void> commit;

  private CommitProbe(Connection control, Connection connection, int pid) {
    this.control = control;
    this.connection = connection;
    this.pid = pid;
  }

  /**
   * Opens the connection for it.
   *
   * @param control a connection by which it is watched and ended; it stays the caller's
   * @param patience after which the probe's own thread gives up, whatever happens
   */
  static CommitProbe open(PgConnection server, Connection control, Duration patience)
      throws SQLException {
    var connection = server.open(NAME, patience);
    try (var statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = on");
      try (var row = statement.executeQuery("SELECT pg_backend_pid()")) {
        row.next();
        return new CommitProbe(control, connection, row.getInt(1));
      }
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Ends the probes that an agent left when it died. */
  static void endAll(Connection control) throws SQLException {
    try (var statement = control.createStatement()) {
      statement.execute(END_ALL);
    }
  }

  /** Begins the next commit, unless the last one has not returned. */
  void commit() throws SQLException {
    if (!hasReturned()) {
      return;
    }
    var next = new CompletableFuture<Void>();
    commit = next;
    Thread.ofVirtual()
        .name("commit probe")
        .start(() -> {
          try (var statement = connection.createStatement()) {
            statement.execute("SELECT pg_logical_emit_message(true, 'matriarch', '')");
            next.complete(null);
          } catch (SQLException e) {
            next.completeExceptionally(e);
          }
        });
  }

  /**
   * Whether no commit is under way.
   *
   * @throws SQLException if the last one failed
   */
  boolean hasReturned() throws SQLException {
    var last = commit;
    if (last == null) {
      return true;
    }
    if (!last.isDone()) {
      return false;
    }
    if (last.isCompletedExceptionally()) {
      throw new SQLException("the probe commit failed", last.exceptionNow());
    }
    return true;
  }

  /** Whether its commit is seen to wait for standbys: then every later one waits. */
  boolean waits() throws SQLException {
    try (var statement =
        control.prepareStatement(
            "SELECT FROM pg_stat_activity WHERE pid = ? AND wait_event = 'SyncRep'")) {
      statement.setInt(1, pid);
      try (var row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Ends it on the server, too, if it still waits. */
  @Override
  public void close() throws SQLException {
    var last = commit;
    try {
      if (last != null && !last.isDone()) {
        end(last);
      }
    } finally {
      connection.close();
    }
  }

  private void end(CompletableFuture<Void> last) throws SQLException {
    try (var statement =
        control.prepareStatement(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE pid = ? AND application_name = ?")) {
      statement.setInt(1, pid);
      statement.setString(2, NAME);
      statement.execute();
      last.get(END_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      // Its connection was ended: that was the purpose.
    } catch (TimeoutException e) {
      throw new SQLException("the probe commit cannot be ended, process " + pid, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
