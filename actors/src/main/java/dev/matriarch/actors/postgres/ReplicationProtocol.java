package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.ha.TimelineHistory;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * What only the replication protocol answers (PostgreSQL documentation, "Streaming Replication
 * Protocol").
 *
 * @param server with a role that may replicate
 */
public record ReplicationProtocol(PgConnection server) {
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
  private static final String UNDEFINED_FILE = "58P01";

  /**
   * Answer of IDENTIFY_SYSTEM.
   *
   * @param position a primary's flushed end; on a standby the end of what it replayed, or received
   *     on the timeline that it replays
   */
  public record Identity(String systemIdentifier, Position position) {}

  public Identity identifySystem() throws SQLException {
    try (var connection = open()) {
      return identifySystem(connection);
    }
  }

  /** The same on a replication connection of the caller. */
  static Identity identifySystem(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      return new Identity(
          row.getString("systemid"),
          new Position(row.getInt("timeline"), Lsn.parse(row.getString("xlogpos"))));
    }
  }

  /**
   * The history of a timeline that the server has.
   *
   * @return empty: it has none for this number; so it is with timeline 1, too
   * @throws SQLException also if the history is damaged
   */
  public Optional<TimelineHistory> timelineHistory(int timeline) throws SQLException {
    try (var connection = open();
        var statement = connection.createStatement();
        var row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
      row.next();
      return Optional.of(TimelineHistory.parse(row.getString("content")));
    } catch (IllegalArgumentException e) {
      throw new SQLException("history of timeline %d is damaged".formatted(timeline), e);
    } catch (SQLException e) {
      if (UNDEFINED_FILE.equals(e.getSQLState())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Connection open() throws SQLException {
    return server.openReplication(PgConnection.SHORT_JOB, ANSWER_TIMEOUT);
  }
}
