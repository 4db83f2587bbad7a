package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Asks a server one thing. */
interface Step {
  /**
   * Does it.
   *
   * @throws SQLException if a statement that commits by itself goes wrong
   */
  Outcome take(Connection connection) throws SQLException;

  /** Makes a value of the row where a result stands. */
  interface Reading {
    Value of(ResultSet row) throws SQLException;
  }

  /** One statement that commits by itself and answers with one row. */
  static Step of(String sql, Reading reading, Object... parameters) {
    return connection -> {
      try (var statement = connection.prepareStatement(sql)) {
        for (var number = 1; number <= parameters.length; number++) {
          statement.setObject(number, parameters[number - 1]);
        }
        try (var rows = statement.executeQuery()) {
          if (!rows.next()) {
            throw new SQLException("no row answers to " + sql);
          }
          return Answers.committed(reading.of(rows), Optional.ofNullable(statement.getWarnings()));
        }
      }
    };
  }
}
