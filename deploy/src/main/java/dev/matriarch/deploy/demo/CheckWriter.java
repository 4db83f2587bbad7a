package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.demo.Ledger.Acknowledged;
import java.io.PrintWriter;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Writes rows through HAProxy, one at a time, and remembers each acknowledged one. After a failure
 * it connects again at once and goes on with the next row: whether the failed one was written stays
 * unknown.
 */
final class CheckWriter implements AutoCloseable {
  private static final String INSERT =
      """
      INSERT INTO demo_check (id) VALUES (?)
      RETURNING inet_server_port(), pg_current_wal_insert_lsn() - '0/0'::pg_lsn
      """;

  /**
   * HAProxy refuses within microseconds while there is no primary; without it a core would spin.
   */
  private static final long RETRY_MS = 5;

  private static final long ROW_PAUSE_MS = 1;

  private final String url;
  private final Stopwatch clock;
  private final PrintWriter log;
  private final List<Acknowledged> rows = new ArrayList<>();
  private final Thread thread;
  private volatile boolean stopped;
  private long nextId = 1;
  private long failures;

  private CheckWriter(String url, Stopwatch clock, PrintWriter log) {
    this.url = url;
    this.clock = clock;
    this.log = log;
    this.thread = Thread.ofPlatform().name("writer").unstarted(this::writeUntilStopped);
  }

  /**
   * Makes the table anew and starts writing.
   *
   * @param log gets one line for each failure
   */
  static CheckWriter start(String url, Stopwatch clock, PrintWriter log) throws SQLException {
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS demo_check");
      statement.execute("CREATE TABLE demo_check (id bigint PRIMARY KEY)");
    }
    var writer = new CheckWriter(url, clock, log);
    writer.thread.start();
    return writer;
  }

  private void writeUntilStopped() {
    while (!stopped) {
      try (var connection = DriverManager.getConnection(url);
          var insert = connection.prepareStatement(INSERT)) {
        while (!stopped) {
          write(insert);
        }
      } catch (SQLException failure) {
        failures++;
        log.printf("%.1f ms: %s%n", clock.nowMs(), firstLine(failure));
        log.flush();
        pause(RETRY_MS);
      }
    }
  }

  private void write(PreparedStatement insert) throws SQLException {
    var id = nextId++;
    insert.setLong(1, id);
    try (var answer = insert.executeQuery()) {
      if (!answer.next()) {
        throw new SQLException("no answer to the insertion of row " + id);
      }
      // The driver returns after the server's last word on the statement, which is its commit.
      add(new Acknowledged(id, answer.getInt(1), answer.getLong(2), clock.nowMs()));
    }
    pause(ROW_PAUSE_MS);
  }

  private static String firstLine(SQLException failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  private static void pause(long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void add(Acknowledged row) {
    rows.add(row);
  }

  /** The first row after a point of time that another server than this acknowledged. */
  synchronized Optional<Acknowledged> firstNotBy(int serverPort, double afterMs) {
    return rows.reversed().stream()
        .takeWhile(row -> row.atMs() > afterMs)
        .filter(row -> row.serverPort() != serverPort)
        .reduce((_, earlier) -> earlier);
  }

  /** All rows acknowledged so far, in order. */
  synchronized List<Acknowledged> rows() {
    return new ArrayList<>(rows);
  }

  /** Complete only after {@link #close}. */
  long failures() {
    return failures;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
