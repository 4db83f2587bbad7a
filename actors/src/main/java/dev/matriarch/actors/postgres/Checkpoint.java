package dev.matriarch.actors.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Writes everything that is dirty to the data files, at full speed. */
public final class Checkpoint {
  private Checkpoint() {}

  /** Whether the last one of this primary was on a timeline already. */
  public static boolean isOn(Connection connection, int timeline) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT timeline_id FROM pg_control_checkpoint()")) {
      return row.next() && row.getInt(1) == timeline;
    }
  }

  /**
   * Runs until the checkpoint is complete.
   *
   * @param connection opened with time-outs long enough for {@code timeout}
   */
  public static Outcome run(Connection connection, Duration timeout) {
    var startedAt = System.nanoTime();
    try (var statement = connection.createStatement()) {
      statement.setQueryTimeout(Math.toIntExact(Math.max(1, timeout.toSeconds())));
      statement.execute("CHECKPOINT");
      var took = Duration.ofNanos(System.nanoTime() - startedAt);
      return new Outcome.Done("checkpoint in %d ms".formatted(took.toMillis()));
    } catch (SQLException e) {
      return new Outcome.Failed("checkpoint: " + e.getMessage());
    }
  }
}
