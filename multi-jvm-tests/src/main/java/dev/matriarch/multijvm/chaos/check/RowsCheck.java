package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether the rows at the end are those that were acknowledged, and perhaps unknown ones. */
final class RowsCheck {
  private final Evidence evidence;
  private final Map<Long, Operation> attempts = new HashMap<>();
  private final List<Violation> violations = new ArrayList<>();
  private final Set<Long> lost = new HashSet<>();

  private RowsCheck(Evidence evidence) {
    this.evidence = evidence;
    for (var operation : evidence.operations()) {
      if (operation.kind() instanceof Kind.Insert(var key)) {
        attempts.put(key, operation);
      }
    }
  }

  /**
   * What was found.
   *
   * @param lost how many acknowledged rows are missing somewhere
   */
  record Finding(List<Violation> violations, int lost) {}

  static Finding of(Evidence evidence) {
    var check = new RowsCheck(evidence);
    evidence.ends().forEach(check::look);
    return new Finding(check.violations, check.lost.size());
  }

  private void look(FinalState end) {
    var missing =
        attempts.entrySet().stream()
            .filter(it -> it.getValue().isAcknowledgedWrite() && !end.keys().contains(it.getKey()))
            .map(Map.Entry::getValue)
            .sorted(Comparator.comparingLong(Operation::completed))
            .toList();
    missing.forEach(it -> lost.add(key(it)));
    report(
        Rule.ACKNOWLEDGED_IS_KEPT,
        "acknowledged rows are missing on " + end.node(),
        evidence.keepsAll() ? missing : unexplained(missing, end));
    report(
        Rule.FAILED_IS_ABSENT,
        "rows that failed are on " + end.node(),
        end.keys().stream()
            .filter(attempts::containsKey)
            .map(attempts::get)
            .filter(it -> it.outcome() instanceof Outcome.Failed)
            .toList());
    var invented = end.keys().stream().filter(it -> !attempts.containsKey(it)).toList();
    if (!invented.isEmpty()) {
      violations.add(
          new Violation(
              Rule.NOTHING_INVENTED,
              "rows on %s that nobody has inserted: %s"
                  .formatted(end.node(), Telling.few(invented))));
    }
  }

  /**
   * The missing ones that no fail-over can have taken along: those of the last timeline, and those
   * that were done before one that is there was begun on the same timeline. A fail-over takes the
   * end of the WAL, and nothing out of its middle.
   */
  private List<Operation> unexplained(List<Operation> missing, FinalState end) {
    var lastKept = new HashMap<Integer, Long>();
    for (var attempt : attempts.values()) {
      if (attempt.isAcknowledgedWrite() && end.keys().contains(key(attempt))) {
        lastKept.merge(Evidence.timeline(attempt), attempt.invoked(), Math::max);
      }
    }
    return missing.stream()
        .filter(it ->
            Evidence.timeline(it) >= end.timeline()
                || it.completed() < lastKept.getOrDefault(Evidence.timeline(it), Long.MIN_VALUE))
        .toList();
  }

  private static long key(Operation insert) {
    return ((Kind.Insert) insert.kind()).key();
  }

  private void report(Rule rule, String what, List<Operation> operations) {
    if (!operations.isEmpty()) {
      violations.add(
          new Violation(
              rule,
              "%d %s:%s".formatted(operations.size(), what, evidence.telling().of(operations))));
    }
  }
}
