package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.SortedSet;

/**
 * Makes the local standby the primary on the timeline that the cluster record says.
 *
 * @param numbers of the local data directory
 * @param slots through which standbys will stream from it; they connect as soon as they know of it
 */
public record Promote(TimelineNumbers numbers, SortedSet<String> slots) {
  private static final Duration POLL_EVERY = Duration.ofMillis(1);

  /**
   * How it ended.
   *
   * <p>After {@link Pending} PostgreSQL may still promote: it must be stopped before anybody else
   * is elected, and so it must after {@link WrongTimeline}.
   */
  public sealed interface Result {
    record Promoted(int timeline, Duration took) implements Result {}

    /** Nothing happened, and nothing will. */
    record NotPromoted(String why) implements Result {}

    record Pending(String why) implements Result {}

    record WrongTimeline(String why) implements Result {}
  }

  /**
   * Promotes, and returns once it can be written, or it is sure that it will not.
   *
   * @param connection to the local PostgreSQL as superuser; it stays open through the promotion
   * @param newest the timeline that it is on, exactly
   * @param wanted the timeline to go to
   */
  public Result run(Connection connection, int newest, int wanted, Duration deadline) {
    var startedAt = System.nanoTime();
    if (numbers.reserve(newest, wanted) instanceof Outcome.Failed(var reason)) {
      return new Result.NotPromoted(reason);
    }
    var asked = false;
    try {
      if (!isInRecovery(connection)) {
        return giveUp("it is not in recovery");
      }
      asked = true;
      if (!signal(connection)) {
        return giveUp("the server could not signal itself");
      }
      // While the server is at it. One that could not be made is missed later, and then said.
      var _ = MemberSlots.create(connection, slots);
      while (isInRecovery(connection)) {
        if (System.nanoTime() - startedAt > deadline.toNanos()) {
          return new Result.Pending("still in recovery after " + deadline);
        }
        Thread.sleep(POLL_EVERY);
      }
      return verify(connection, wanted, Duration.ofNanos(System.nanoTime() - startedAt));
    } catch (SQLException e) {
      return asked ? new Result.Pending(e.toString()) : giveUp(e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result.Pending("cancelled");
    }
  }

  private Result verify(Connection connection, int wanted, Duration took) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT pg_walfile_name(pg_current_wal_lsn())")) {
      row.next();
      var timeline = Integer.parseInt(row.getString(1).substring(0, 8), 16);
      if (timeline != wanted) {
        return new Result.WrongTimeline("on timeline %d, not %d".formatted(timeline, wanted));
      }
      numbers.keep();
    } catch (IOException e) {
      // The list names its promotion: whoever reads it later sees that it took place.
    }
    return new Result.Promoted(wanted, took);
  }

  private Result giveUp(String why) {
    return switch (numbers.clear()) {
      case Outcome.Done _ -> new Result.NotPromoted(why);
      case Outcome.Failed(var reason) -> new Result.NotPromoted(why + "; " + reason);
    };
  }

  private static boolean isInRecovery(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static boolean signal(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT pg_promote(false)")) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
