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

  private final PgConnection server;
  private final Connection control;
  private final Duration patience;
  private @Nullable Session session;
  private @Nullable CompletableFuture<Void> commit;

  private record Session(Connection connection, int pid) {}

  /**
   * Opens nothing yet.
   *
   * @param control a connection by which it is watched and ended; it stays the caller's
   * @param patience after which the probe's own thread gives up, whatever happens
   */
  CommitProbe(PgConnection server, Connection control, Duration patience) {
    this.server = server;
    this.control = control;
    this.patience = patience;
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
    var connection = session().connection();
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

  private Session session() throws SQLException {
    var open = session;
    if (open != null) {
      return open;
    }
    var connection = server.open(NAME, patience);
    try (var statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = on");
      try (var row = statement.executeQuery("SELECT pg_backend_pid()")) {
        row.next();
        open = new Session(connection, row.getInt(1));
        session = open;
        return open;
      }
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
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
      statement.setInt(1, session().pid());
      try (var row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Ends it on the server, too, if it still waits. */
  @Override
  public void close() throws SQLException {
    var open = session;
    if (open == null) {
      return;
    }
    var last = commit;
    try {
      // One that gave up here may still wait there.
      if (last != null && !(last.isDone() && !last.isCompletedExceptionally())) {
        end(open, last);
      }
    } finally {
      open.connection().close();
    }
  }

  private void end(Session open, CompletableFuture<Void> last) throws SQLException {
    try (var statement =
        control.prepareStatement(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE pid = ? AND application_name = ?")) {
      statement.setInt(1, open.pid());
      statement.setString(2, NAME);
      statement.execute();
      last.get(END_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      // Its connection was ended: that was the purpose.
    } catch (TimeoutException e) {
      throw new SQLException("the probe commit cannot be ended, process " + open.pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
