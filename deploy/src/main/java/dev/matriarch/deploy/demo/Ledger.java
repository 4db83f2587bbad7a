package dev.matriarch.deploy.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges which acknowledged rows may be missing after fail-overs. In asynchronous mode a primary
 * that dies takes along what it had not sent yet: the last rows that it acknowledged, and no more
 * WAL than {@code maximum_lag_on_failover}. Everything else that is missing is a failure.
 */
final class Ledger {
  private final long lagMaxBytes;

  /**
   * @param lagMaxBytes the cluster's {@code maximum_lag_on_failover}
   */
  Ledger(long lagMaxBytes) {
    this.lagMaxBytes = lagMaxBytes;
  }

  /**
   * A row that the database acknowledged.
   *
   * @param serverPort of the PostgreSQL that did
   * @param lsn the end of its WAL when the row had been written
   * @param atMs when the answer came, on the clock of the check
   */
  record Acknowledged(long id, int serverPort, long lsn, double atMs) {}

  /**
   * A kill. Once another server has acknowledged a row, the killed one must not, until the next
   * kill.
   *
   * @param newPrimaryMs when another server acknowledged first
   */
  record Kill(int serverPort, double atMs, double newPrimaryMs) {}

  /**
   * @param lost acknowledged and missing
   * @param lostBytes the WAL of the worst loss of a single kill
   * @param faults sentences; none if all is as it may be
   */
  record Verdict(int acknowledged, int lost, long lostBytes, List<String> faults) {}

  /**
   * @param rows in the order of their acknowledgement
   * @param found the rows that are in the database now
   */
  Verdict judge(List<Acknowledged> rows, List<Kill> kills, Set<Long> found) {
    var faults = new ArrayList<String>();
    var lost = rows.stream().filter(row -> !found.contains(row.id())).toList();
    var excused = 0;
    var lostBytes = 0L;
    for (var number = 0; number < kills.size(); number++) {
      var kill = kills.get(number);
      var until = number + 1 < kills.size() ? kills.get(number + 1).atMs() : Double.MAX_VALUE;
      var tail = lostWith(kill, rows, found);
      excused += tail.size();
      var bytes = bytes(tail, rows);
      lostBytes = Math.max(lostBytes, bytes);
      if (bytes > lagMaxBytes) {
        faults.add(
            "%d rows with %d bytes of WAL were lost at once; %d are allowed"
                .formatted(tail.size(), bytes, lagMaxBytes));
      }
      faults.addAll(twoPrimaries(kill, until, rows));
    }
    if (excused < lost.size()) {
      faults.add(
          "%d acknowledged rows are missing that no fail-over explains: %s"
              .formatted(lost.size() - excused, ids(lost)));
    }
    return new Verdict(rows.size(), lost.size(), lostBytes, List.copyOf(faults));
  }

  /** The missing rows at the very end of what the killed server acknowledged. */
  private static List<Acknowledged> lostWith(Kill kill, List<Acknowledged> rows, Set<Long> found) {
    var tail = new ArrayList<Acknowledged>();
    for (var row : before(kill, rows).reversed()) {
      if (row.serverPort() != kill.serverPort() || found.contains(row.id())) {
        break;
      }
      tail.addFirst(row);
    }
    return tail;
  }

  private static List<Acknowledged> before(Kill kill, List<Acknowledged> rows) {
    return rows.stream().filter(row -> row.atMs() < kill.newPrimaryMs()).toList();
  }

  /** From the end of the last row that is there to the end of the last one that is not. */
  private static long bytes(List<Acknowledged> tail, List<Acknowledged> rows) {
    if (tail.isEmpty()) {
      return 0;
    }
    var index = rows.indexOf(tail.getFirst());
    var start = index == 0 ? tail.getFirst().lsn() : rows.get(index - 1).lsn();
    return tail.getLast().lsn() - start;
  }

  private static List<String> twoPrimaries(Kill kill, double untilMs, List<Acknowledged> rows) {
    return rows.stream()
        .filter(row -> row.serverPort() == kill.serverPort())
        .filter(row -> row.atMs() > kill.newPrimaryMs() && row.atMs() < untilMs)
        .limit(1)
        .map(row ->
            "the killed primary (port %d) acknowledged row %d, %.0f ms after its successor did"
                .formatted(row.serverPort(), row.id(), row.atMs() - kill.newPrimaryMs()))
        .toList();
  }

  private static String ids(List<Acknowledged> rows) {
    return rows.stream()
        .limit(10)
        .map(row -> Long.toString(row.id()))
        .collect(Collectors.joining(", ", "", rows.size() > 10 ? ", …" : ""));
  }
}
