package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A client that commits one row after the other on a primary whose synchronous standby is to hold
 * each of them.
 */
final class SyncWriter implements AutoCloseable {
  private static final String TABLE = "written";

  /**
   * The newest commit that the client heard of.
   *
   * @param at the log's end before that commit's record, so its standby holds more than this
   */
  record Acknowledged(long row, Lsn at) {}

  private final Node primary;
  private final Connection connection;
  private final CompletableFuture<Void> ended;
  private volatile Acknowledged newest = new Acknowledged(0, Lsn.ZERO);

  SyncWriter(Node primary, String standby) throws SQLException {
    this.primary = primary;
    primary.execute("CREATE TABLE IF NOT EXISTS %s (n bigint)".formatted(TABLE));
    primary.execute("TRUNCATE " + TABLE);
    primary.execute("ALTER SYSTEM SET synchronous_standby_names = '\"%s\"'".formatted(standby));
    primary.execute("SELECT pg_reload_conf()");
    connection = primary.open();
    try (var statement = connection.createStatement()) {
      statement.execute("SET application_name = 'writer'");
      statement.execute("SET statement_timeout = 0");
    }
    connection.setAutoCommit(false);
    ended = CompletableFuture.runAsync(this::write, Thread.ofPlatform().name("writer")::start);
  }

  private void write() {
    try (var insert = connection.prepareStatement("INSERT INTO %s VALUES (?)".formatted(TABLE));
        var end = connection.prepareStatement("SELECT pg_current_wal_insert_lsn()::text")) {
      for (var row = 1L; ; row++) {
        insert.setLong(1, row);
        insert.executeUpdate();
        Lsn at;
        try (var answer = end.executeQuery()) {
          answer.next();
          at = Lsn.parse(answer.getString(1));
        }
        connection.commit();
        newest = new Acknowledged(row, at);
      }
    } catch (SQLException e) {
      // The end of the test.
    }
  }

  Acknowledged acknowledged() {
    return newest;
  }

  /** Until so many more commits have been acknowledged. */
  void awaitMore(int rows) throws Exception {
    var from = acknowledged().row();
    eventually(() -> acknowledged().row() >= from + rows);
  }

  /**
   * That nothing was acknowledged that the fenced standby does not have, and nothing is any more.
   */
  Acknowledged assertNothingBehind(Position fence) throws Exception {
    eventually(() -> isHeld() && senders().equals("0"));
    var last = acknowledged();
    assertThat(last.row()).isPositive();
    assertThat(last.at()).isLessThan(fence.lsn());
    FencedNode.remains(Duration.ofMillis(150), () -> acknowledged().equals(last));
    return last;
  }

  /** As {@link #assertNothingBehind}, and the standby shows the rows. */
  void assertNothingLost(Position fence, Node standby) throws Exception {
    var last = assertNothingBehind(fence);
    assertThat(Long.parseLong(standby.query("SELECT max(n) FROM " + TABLE)))
        .isGreaterThanOrEqualTo(last.row());
  }

  private boolean isHeld() throws SQLException {
    return primary
        .query(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'writer' AND wait_event"
                + " = 'SyncRep'")
        .equals("1");
  }

  private String senders() throws SQLException {
    return primary.query(
        "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')");
  }

  /** A commit that still waits is given up by its client. */
  @Override
  public void close() throws SQLException {
    connection.abort(Runnable::run);
    ended.orTimeout(PgFixture.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
