package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.ha.WritePath.Fault;
import dev.matriarch.protocol.model.Lsn;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether a client could come and commit: a connection is opened, since a postmaster that hangs
 * shows to newcomers only, and the local disk is seen to take WAL.
 *
 * <p>That others' WAL has reached the disk since the last time is proof enough. Else a commit that
 * changes nothing is made, which never waits for standbys; but not on an idle server that archives
 * by {@code archive_timeout}, where each would cost a whole segment.
 *
 * @param patience how long one attempt may take. What is still under way may be counted as failing
 *     long before that; to give it up early would only leave hanging sessions on the server
 */
public record WriteProbe(PgConnection server, Duration patience) {
  static final String NAME = "Matriarch write probe";

  private static final String POSITIONS =
      """
      WITH r AS MATERIALIZED (SELECT pg_is_in_recovery() AS standby)
      SELECT r.standby,
             CASE WHEN NOT r.standby THEN pg_current_wal_flush_lsn()::text END,
             CASE WHEN NOT r.standby
               THEN pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn() END,
             current_setting('archive_mode') <> 'off' AND current_setting('archive_timeout') <> '0'
        FROM r\
      """;

  private static final int REASON_MAX = 200;

  /** What came of an attempt. */
  public sealed interface Answer {
    /** WAL has reached the disk, by this attempt or since the one before; it ends there now. */
    record Written(Lsn flushed) implements Answer {}

    /** There is a server to connect to, and nobody who waits for the disk. */
    record Idle(Lsn flushed) implements Answer {}

    /** The server is starting, ending, recovering from a crash, or no primary. */
    record NotServing(String why) implements Answer {}

    /** The server refuses for a reason that has nothing to do with commits. */
    record Refused(String why) implements Answer {}

    record Failed(Fault fault, String why) implements Answer {}
  }

  /** What an attempt is at. */
  public enum Stage {
    CONNECTING("a new connection gets no answer", Fault.SILENT),
    COMMITTING("a commit does not return", Fault.HANGING);

    private final String text;
    private final Fault fault;

    Stage(String text, Fault fault) {
      this.text = text;
      this.fault = fault;
    }

    /** What is wrong if it goes no further. */
    public Fault fault() {
      return fault;
    }

    /** What is wrong if it goes no further; for people. */
    public String text() {
      return text;
    }
  }

  /**
   * Makes an attempt.
   *
   * @param last where the WAL on disk ended after the last attempt; empty: not known
   * @param due whether an idle server is to commit
   * @param progress is told of each stage as it begins
   */
  public Answer attempt(Optional<Lsn> last, boolean due, Consumer<Stage> progress) {
    progress.accept(Stage.CONNECTING);
    try (var connection = server.open(NAME, patience)) {
      progress.accept(Stage.COMMITTING);
      return committed(connection, last, due);
    } catch (SQLException e) {
      return classify(e);
    }
  }

  private static Answer committed(Connection connection, Optional<Lsn> last, boolean due) {
    try {
      return look(connection, last, due);
    } catch (SQLException e) {
      return classify(e) instanceof Answer.Failed(var fault, var why)
          ? new Answer.Failed(fault == Fault.SILENT ? Stage.COMMITTING.fault : fault, why)
          : classify(e);
    }
  }

  private static Answer look(Connection connection, Optional<Lsn> last, boolean due)
      throws SQLException {
    Lsn flushed;
    boolean waiting;
    boolean costly;
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(POSITIONS)) {
      row.next();
      if (row.getBoolean(1)) {
        return new Answer.NotServing("it is a standby");
      }
      flushed = Lsn.parse(row.getString(2));
      waiting = row.getBoolean(3);
      costly = row.getBoolean(4);
    }
    if (last.isPresent() && flushed.compareTo(last.get()) > 0) {
      return new Answer.Written(flushed);
    }
    return waiting || (due && !costly) ? commit(connection) : new Answer.Idle(flushed);
  }

  private static Answer commit(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = local");
      statement.execute("SELECT pg_logical_emit_message(true, 'matriarch', '')");
      try (var row = statement.executeQuery("SELECT pg_current_wal_flush_lsn()::text")) {
        row.next();
        return new Answer.Written(Lsn.parse(row.getString(1)));
      }
    }
  }

  /**
   * What an error says of commits (PostgreSQL documentation, "PostgreSQL Error Codes"). One that
   * ends the connection is the server's end, which others see.
   */
  static Answer classify(SQLException e) {
    var why = Objects.requireNonNullElse(e.getMessage(), e.toString()).lines().findFirst();
    var shown = why.orElse("").substring(0, Math.min(REASON_MAX, why.orElse("").length()));
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return new Answer.Failed(Fault.SILENT, "there is no answer");
      }
    }
    var state = Objects.requireNonNullElse(e.getSQLState(), "");
    if (state.equals("53100")) {
      return new Answer.Failed(Fault.FULL, shown);
    }
    if (state.equals("57014")) {
      return new Answer.Failed(Fault.SILENT, "there is no answer");
    }
    return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
      case "58", "XX" -> new Answer.Failed(Fault.BROKEN, shown);
      case "57", "08" -> new Answer.NotServing(shown);
      default -> new Answer.Refused(shown);
    };
  }
}
