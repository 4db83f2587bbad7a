package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.ha.SlotPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/** Carries out a {@link SlotPlan}. */
public final class MemberSlots {
  /**
   * Looks again in the same statement: since the plan was made somebody may have begun to use it.
   */
  private static final String DROP =
      """
      SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
       WHERE slot_name = ? AND slot_type = 'physical' AND NOT active AND NOT temporary\
      """;

  /** Log is kept from now on, not only from the first connection on. */
  private static final String CREATE =
      """
      SELECT pg_create_physical_replication_slot(?, true)
       WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = ?)\
      """;

  private MemberSlots() {}

  /** Does as much as can be done; the reason of a failure names each slot that could not be. */
  public static Outcome apply(Connection connection, SlotPlan plan) {
    var done = new ArrayList<String>();
    var failed = new ArrayList<String>();
    for (var name : plan.drop()) {
      attempt("drop " + name, () -> run(connection, DROP, name), done, failed);
    }
    for (var name : plan.recreate()) {
      attempt(
          "recreate " + name,
          () -> {
            run(connection, DROP, name);
            run(connection, CREATE, name, name);
          },
          done,
          failed);
    }
    create(connection, plan.create(), done, failed);
    return outcome(done, failed);
  }

  /** Makes those that are not there yet. */
  static Outcome create(Connection connection, SortedSet<String> names) {
    var done = new ArrayList<String>();
    var failed = new ArrayList<String>();
    create(connection, names, done, failed);
    return outcome(done, failed);
  }

  private static void create(
      Connection connection, SortedSet<String> names, List<String> done, List<String> failed) {
    for (var name : names) {
      attempt("create " + name, () -> run(connection, CREATE, name, name), done, failed);
    }
  }

  private static Outcome outcome(List<String> done, List<String> failed) {
    return failed.isEmpty()
        ? new Outcome.Done(String.join(", ", done))
        : new Outcome.Failed(String.join("; ", failed));
  }

  private interface Step {
    void run() throws SQLException;
  }

  private static void attempt(String what, Step step, List<String> done, List<String> failed) {
    try {
      step.run();
      done.add(what);
    } catch (SQLException e) {
      failed.add("slot: %s: %s".formatted(what, e.getMessage()));
    }
  }

  private static void run(Connection connection, String sql, String... arguments)
      throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      for (var i = 0; i < arguments.length; i++) {
        statement.setString(i + 1, arguments[i]);
      }
      statement.execute();
    }
  }
}
