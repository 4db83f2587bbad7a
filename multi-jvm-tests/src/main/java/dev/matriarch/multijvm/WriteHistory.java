package dev.matriarch.multijvm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Tries to write to every node all the time, and remembers what was acknowledged, by whom and on
 * which timeline. That shows two things: whether two nodes ever acknowledged at a time, and whether
 * an acknowledged row is missing.
 */
final class WriteHistory implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration ROW_PAUSE = Duration.ofMillis(4);
  private static final Duration RETRY = Duration.ofMillis(15);

  /** The end of a primary that may take its last rows along. */
  private record Loss(String node, long at) {}

  private final WriteLog log;
  private final List<Loss> losses = new ArrayList<>();
  private final List<RowWriter> writers;
  private volatile long closedAt;

  private WriteHistory(WriteLog log, List<RowWriter> writers) {
    this.log = log;
    this.writers = writers;
  }

  /** Makes the table on the leader and begins to write. */
  static WriteHistory of(TestCluster cluster, JvmNode leader) {
    var log = WriteLog.of(leader);
    var writers =
        cluster.nodes().stream()
            .map(node ->
                new RowWriter.Plan(
                    node.name(),
                    List.of(node),
                    it -> it.place().namespace(),
                    PATIENCE,
                    ROW_PAUSE,
                    RETRY))
            .map(plan -> RowWriter.start(plan, log))
            .toList();
    return new WriteHistory(log, writers);
  }

  /** All rows so far, in the order of their acknowledgement. */
  List<AcknowledgedRow> rows() {
    return log.rows();
  }

  /** From now on the rows that {@code node} acknowledged last may be missing. */
  synchronized void expectLossOf(JvmNode node) {
    losses.add(new Loss(node.name(), System.nanoTime()));
  }

  /** The first row of these nodes that was begun after a moment of {@link System#nanoTime}. */
  Optional<AcknowledgedRow> firstSince(List<JvmNode> nodes, long moment) {
    var names = nodes.stream().map(JvmNode::name).toList();
    return log.firstSince(moment, it -> it.begun() > moment && names.contains(it.node()));
  }

  /** The first row of a connection that was made after another one. */
  Optional<AcknowledgedRow> firstOfLaterSession(long session) {
    return rows().stream().filter(it -> it.session() > session).findFirst();
  }

  Optional<AcknowledgedRow> lastOf(JvmNode node) {
    return rows().reversed().stream().filter(it -> it.node().equals(node.name())).findFirst();
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
    var owners = new HashMap<Integer, String>();
    Optional<AcknowledgedRow> before = Optional.empty();
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
    var present = WriteLog.storedOn(leader);
    var missing = new HashSet<Long>();
    all.stream().map(AcknowledgedRow::id).filter(it -> !present.contains(it)).forEach(missing::add);
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
  private static List<AcknowledgedRow> tail(
      List<AcknowledgedRow> all, Loss loss, Set<Long> missing) {
    var end =
        all.stream()
            .filter(it -> it.acknowledged() > loss.at() && !it.node().equals(loss.node()))
            .mapToLong(AcknowledgedRow::acknowledged)
            .findFirst()
            .orElse(Long.MAX_VALUE);
    var tail = new ArrayList<AcknowledgedRow>();
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

  private static long startOf(List<AcknowledgedRow> all, AcknowledgedRow row) {
    var index = all.indexOf(row);
    return index == 0 ? row.lsn() : all.get(index - 1).lsn();
  }

  @Override
  public void close() {
    if (closedAt == 0) {
      closedAt = System.nanoTime();
    }
    writers.forEach(RowWriter::close);
  }
}
