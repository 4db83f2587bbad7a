package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.chaos.history.Beginning;
import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Moves money. Balances are computed here and written as they are to become, so that a lost update
 * changes the sum: only serializable isolation keeps it.
 */
final class Bank implements Work {
  private static final String BALANCES =
      "SELECT array_agg(balance ORDER BY id), %s FROM chaos_accounts".formatted(Tables.TIMELINE);
  private static final int LOOK_EVERY = 5;

  private final Random random;

  Bank(Random random) {
    this.random = random;
  }

  @Override
  public Request next() {
    if (random.nextInt(LOOK_EVERY) == 0) {
      return balances();
    }
    var from = random.nextInt(Beginning.ACCOUNTS);
    var to = (from + 1 + random.nextInt(Beginning.ACCOUNTS - 1)) % Beginning.ACCOUNTS;
    var transfer = new Kind.Transfer(from, to, 1 + random.nextInt(20));
    return new Request(transfer, connection -> transfer(connection, transfer));
  }

  /** One snapshot, since it is one statement. */
  static Request balances() {
    return new Request(new Kind.Balances(), Step.of(BALANCES, Bank::accounts));
  }

  private static Value accounts(ResultSet row) throws SQLException {
    return new Value.Accounts(
        Stream.of((Long[]) row.getArray(1).getArray()).toList(), row.getInt(2));
  }

  private static Outcome transfer(Connection connection, Kind.Transfer transfer) {
    Value stored;
    try {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      var from = balance(connection, transfer.from());
      var to = balance(connection, transfer.to());
      var amount = Math.min(from, transfer.amount());
      store(connection, transfer.from(), from - amount);
      stored = store(connection, transfer.to(), to + amount);
    } catch (SQLException e) {
      end(connection);
      return Answers.notCommitted(e);
    }
    try {
      connection.clearWarnings();
      connection.commit();
      return Answers.committed(stored, Optional.ofNullable(connection.getWarnings()));
    } catch (SQLException e) {
      return Answers.broken(e);
    } finally {
      end(connection);
    }
  }

  private static long balance(Connection connection, int account) throws SQLException {
    try (var question =
        connection.prepareStatement("SELECT balance FROM chaos_accounts WHERE id = ?")) {
      question.setInt(1, account);
      try (var answer = question.executeQuery()) {
        answer.next();
        return answer.getLong(1);
      }
    }
  }

  private static Value store(Connection connection, int account, long balance) throws SQLException {
    try (var update =
        connection.prepareStatement(
            "UPDATE chaos_accounts SET balance = ? WHERE id = ? RETURNING " + Stored.COLUMNS)) {
      update.setLong(1, balance);
      update.setInt(2, account);
      try (var answer = update.executeQuery()) {
        answer.next();
        return Stored.of(answer);
      }
    }
  }

  /** Back to statements that commit by themselves; without a commit all is rolled back. */
  private static void end(Connection connection) {
    try {
      if (!connection.isClosed()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException broken) {
      abort(connection);
    }
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException gone) {
      // That is what was wanted.
    }
  }
}
