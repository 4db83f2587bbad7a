package dev.matriarch.multijvm;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Tries to write to every node all the time, and remembers what was acknowledged, by whom and on
 * which timeline. That shows two things: whether two nodes ever acknowledged at a time, and whether
 * an acknowledged row is missing.
 */
final class WriteHistory implements AutoCloseable {
  private static final String INSERT =
      """
      INSERT INTO trial (id) VALUES (?)
      RETURNING pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
                pg_walfile_name(pg_current_wal_insert_lsn())
      """;
  private static final String READ_ONLY = "25006";
  private static final long ROW_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

  /**
   * An acknowledged row.
   *
   * @param session number of the connection that wrote it
   * @param lsn the end of the WAL when it was written
   * @param begun when the attempt began, and {@code acknowledged} when the answer had come
   */
  record Row(
      JvmNode node, long session, long id, int timeline, long lsn, long begun, long acknowledged) {}

  /** The end of a primary that may take its last rows along. */
  private record Loss(JvmNode node, long at) {}

  private final AtomicLong ids = new AtomicLong();
  private final AtomicLong sessions = new AtomicLong();
  private final List<Row> rows = new ArrayList<>();
  private final List<Loss> losses = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;
  private volatile long closedAt;

  /** Makes the table on the leader and begins to write. */
  static WriteHistory of(TestCluster cluster, JvmNode leader) {
    leader.execute("DROP TABLE IF EXISTS trial");
    leader.execute("CREATE TABLE trial (id bigint PRIMARY KEY)");
    var history = new WriteHistory();
    for (var node : cluster.nodes()) {
      history.threads.add(
          Thread.ofPlatform().daemon().name("writer-" + node).start(() -> history.write(node)));
    }
    return history;
  }

  private void write(JvmNode node) {
    while (!stopped) {
      try (var connection = node.connect();
          var insert = connection.prepareStatement(INSERT)) {
        var session = sessions.incrementAndGet();
        while (!stopped) {
          try {
            var id = ids.incrementAndGet();
            var begun = System.nanoTime();
            insert.setLong(1, id);
            try (var answer = insert.executeQuery()) {
              if (answer.next()) {
                var timeline = Integer.parseInt(answer.getString(2).substring(0, 8), 16);
                add(
                    new Row(
                        node, session, id, timeline, answer.getLong(1), begun, System.nanoTime()));
              }
            }
            LockSupport.parkNanos(ROW_PAUSE_NANOS);
          } catch (SQLException e) {
            if (!READ_ONLY.equals(e.getSQLState())) {
              throw e;
            }
            LockSupport.parkNanos(RETRY_NANOS);
          }
        }
      } catch (SQLException down) {
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private synchronized void add(Row row) {
    rows.add(row);
  }

  /** All rows so far, in the order of their acknowledgement. */
  synchronized List<Row> rows() {
    return rows.stream().sorted(Comparator.comparingLong(Row::acknowledged)).toList();
  }

  /** From now on the rows that {@code node} acknowledged last may be missing. */
  synchronized void expectLossOf(JvmNode node) {
    losses.add(new Loss(node, System.nanoTime()));
  }

  /** The first row of these nodes that was begun after a moment of {@link System#nanoTime}. */
  Optional<Row> firstSince(List<JvmNode> nodes, long moment) {
    return rows().stream()
        .filter(it -> it.begun() > moment && nodes.contains(it.node()))
        .findFirst();
  }

  /** The first row of a connection that was made after another one. */
  Optional<Row> firstOfLaterSession(long session) {
    return rows().stream().filter(it -> it.session() > session).findFirst();
  }

  Optional<Row> lastOf(JvmNode node) {
    return rows().reversed().stream().filter(it -> it.node().equals(node)).findFirst();
  }

  /** The longest time without an acknowledgement since a moment. */
  Duration longestGapSince(long moment) {
    var last = moment;
    var longest = 0L;
    for (var row : rows()) {
      if (row.acknowledged() > moment) {
        longest = Math.max(longest, row.acknowledged() - last);
        last = row.acknowledged();
      }
    }
    var end = closedAt > 0 ? closedAt : System.nanoTime();
    return Duration.ofNanos(Math.max(longest, end - last));
  }

  // --- judgement --------------------------------------------------------------------------------

  /**
   * Two that acknowledged at a time: each timeline is one node's, and ends before the next begins.
   */
  List<String> twoWriters() {
    var faults = new ArrayList<String>();
    var owners = new HashMap<Integer, JvmNode>();
    Optional<Row> before = Optional.empty();
    for (var row : rows()) {
      var owner = owners.putIfAbsent(row.timeline(), row.node());
      if (owner != null && !owner.equals(row.node())) {
        faults.add(
            "%s and %s both wrote on timeline %d".formatted(owner, row.node(), row.timeline()));
      }
      if (before.isPresent()) {
        var last = before.get();
        if (row.timeline() < last.timeline()) {
          faults.add("%s was acknowledged after %s".formatted(row, last));
        } else if (row.timeline() > last.timeline() && row.begun() <= last.acknowledged()) {
          faults.add("%s was begun before %s was acknowledged".formatted(row, last));
        }
      }
      before = Optional.of(row);
    }
    return faults;
  }

  /**
   * Acknowledged rows that are missing on {@code leader} though no loss explains them: a lost
   * primary takes along what it acknowledged last, within the lag that an election allows.
   */
  List<String> unexplainedLosses(JvmNode leader) {
    var all = rows();
    var present = new HashSet<Long>();
    leader.query("SELECT id FROM trial").forEach(it -> present.add(Long.valueOf(it)));
    var missing = new HashSet<Long>();
    all.stream().map(Row::id).filter(it -> !present.contains(it)).forEach(missing::add);
    var faults = new ArrayList<String>();
    synchronized (this) {
      for (var loss : losses) {
        var tail = tail(all, loss, missing);
        if (!tail.isEmpty()) {
          var bytes = tail.getLast().lsn() - startOf(all, tail.getFirst());
          if (bytes > NodeFile.LAG_MAX) {
            faults.add("%s took %d bytes of WAL along".formatted(loss.node(), bytes));
          }
          tail.forEach(it -> missing.remove(it.id()));
        }
      }
    }
    if (!missing.isEmpty()) {
      faults.add("acknowledged rows are missing: " + missing.stream().sorted().limit(20).toList());
    }
    return faults;
  }

  /** The missing rows at the end of what the lost node acknowledged. */
  private static List<Row> tail(List<Row> all, Loss loss, Set<Long> missing) {
    var end =
        all.stream()
            .filter(it -> it.acknowledged() > loss.at() && !it.node().equals(loss.node()))
            .mapToLong(Row::acknowledged)
            .findFirst()
            .orElse(Long.MAX_VALUE);
    var tail = new ArrayList<Row>();
    for (var row : all.reversed()) {
      if (row.acknowledged() >= end) {
        continue;
      }
      if (!row.node().equals(loss.node()) || !missing.contains(row.id())) {
        break;
      }
      tail.addFirst(row);
    }
    return tail;
  }

  private static long startOf(List<Row> all, Row row) {
    var index = all.indexOf(row);
    return index == 0 ? row.lsn() : all.get(index - 1).lsn();
  }

  @Override
  public void close() {
    if (!stopped) {
      closedAt = System.nanoTime();
    }
    stopped = true;
    for (var thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
