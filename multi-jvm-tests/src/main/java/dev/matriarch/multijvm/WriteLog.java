package dev.matriarch.multijvm;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The rows that writers have written to one table and that were acknowledged. Each has a key that
 * no other attempt has, so that what is missing later, or was taken by two nodes, can be told.
 */
public final class WriteLog {
  private static final String TABLE = "trial";
  private static final String INSERT =
      """
      INSERT INTO trial (id) VALUES (?)
      RETURNING pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
                pg_walfile_name(pg_current_wal_insert_lsn())
      """;

  /** By so much the rows of several writers may be out of order. */
  private static final long DISORDER_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * A connection that has ended by itself.
   *
   * @param ended when its writer noticed, of {@link System#nanoTime}
   */
  public record EndedSession(String writer, String node, long session, long ended) {}

  private final AtomicLong ids = new AtomicLong();
  private final AtomicLong sessions = new AtomicLong();
  private final List<AcknowledgedRow> rows = new ArrayList<>();
  private final List<EndedSession> ends = new ArrayList<>();

  private WriteLog() {}

  /** Makes the table anew, on the leader. */
  public static WriteLog of(JvmNode leader) {
    leader.execute("DROP TABLE IF EXISTS " + TABLE);
    leader.execute("CREATE TABLE %s (id bigint PRIMARY KEY)".formatted(TABLE));
    return new WriteLog();
  }

  // --- writing ----------------------------------------------------------------------------------

  /** The number of a new connection. */
  public long newSession() {
    return sessions.incrementAndGet();
  }

  /** The number of the newest connection. */
  public long lastSession() {
    return sessions.get();
  }

  public PreparedStatement insertOn(Connection connection) throws SQLException {
    return connection.prepareStatement(INSERT);
  }

  /** Writes one row; after a failure nobody knows whether it is there. */
  public void write(PreparedStatement insert, String writer, String node, long session)
      throws SQLException {
    var id = ids.incrementAndGet();
    var begun = System.nanoTime();
    insert.setLong(1, id);
    try (var answer = insert.executeQuery()) {
      if (!answer.next()) {
        throw new SQLException("no answer to the insertion of row " + id);
      }
      // The driver returns after the server's last word on the statement, which is its commit.
      var acknowledged = System.nanoTime();
      var lsn = answer.getLong(1);
      var timeline = Integer.parseInt(answer.getString(2).substring(0, 8), 16);
      add(new AcknowledgedRow(writer, node, session, id, timeline, lsn, begun, acknowledged));
    }
  }

  private synchronized void add(AcknowledgedRow row) {
    rows.add(row);
  }

  public synchronized void ended(String writer, String node, long session) {
    ends.add(new EndedSession(writer, node, session, System.nanoTime()));
  }

  // --- reading ----------------------------------------------------------------------------------

  /** All rows so far, in the order of their acknowledgement. */
  public synchronized List<AcknowledgedRow> rows() {
    return rows.stream().sorted(Comparator.comparingLong(AcknowledgedRow::acknowledged)).toList();
  }

  public synchronized List<EndedSession> ends() {
    return List.copyOf(ends);
  }

  /** The earliest such row that was acknowledged after a moment; only newer rows are looked at. */
  public synchronized Optional<AcknowledgedRow> firstSince(
      long moment, Predicate<AcknowledgedRow> wanted) {
    Optional<AcknowledgedRow> first = Optional.empty();
    for (var row : rows.reversed()) {
      if (row.acknowledged() < moment - DISORDER_NANOS) {
        break;
      }
      if (row.acknowledged() > moment
          && wanted.test(row)
          && first.filter(it -> it.acknowledged() < row.acknowledged()).isEmpty()) {
        first = Optional.of(row);
      }
    }
    return first;
  }

  /** The keys that a node has in its table. */
  public static Set<Long> storedOn(JvmNode node) {
    var stored = new HashSet<Long>();
    node.query("SELECT id FROM " + TABLE).forEach(it -> stored.add(Long.valueOf(it)));
    return stored;
  }
}
