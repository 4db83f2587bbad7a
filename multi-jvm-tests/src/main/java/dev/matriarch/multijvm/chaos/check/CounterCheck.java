package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether increments of the counter count once, in order, and are there at the end. Where a
 * fail-over may lose some, this is asked of each timeline by itself.
 */
final class CounterCheck {
  private final Evidence evidence;
  private final List<Violation> violations = new ArrayList<>();

  private CounterCheck(Evidence evidence) {
    this.evidence = evidence;
  }

  static List<Violation> of(Evidence evidence) {
    var check = new CounterCheck(evidence);
    var increments =
        evidence.operations().stream().filter(it -> it.kind() instanceof Kind.Increment).toList();
    var counted = increments.stream().filter(Operation::isAcknowledgedWrite).toList();
    if (evidence.keepsAll()) {
      check.lookAtOrder(counted);
    } else {
      for (var timeline : evidence.timelines()) {
        check.lookAtOrder(
            counted.stream().filter(it -> Evidence.timeline(it) == timeline).toList());
      }
    }
    var possible =
        increments.stream().filter(it -> !(it.outcome() instanceof Outcome.Failed)).count();
    evidence.ends().forEach(end -> check.lookAtEnd(end, counted, possible));
    return check.violations;
  }

  private static long count(Operation counted) {
    return counted.value().orElse(null) instanceof Value.Held(var number, _) ? number : 0;
  }

  private void lookAtOrder(List<Operation> counted) {
    var byCount = new HashMap<Long, Operation>();
    for (var operation : counted) {
      Optional.ofNullable(byCount.putIfAbsent(count(operation), operation))
          .ifPresent(it -> report("two increments have the same count", it, operation));
    }
    backward(counted, CounterCheck::count)
        .ifPresent(it -> report("a later increment has a lower count", it.getKey(), it.getValue()));
  }

  /** What is a number of an operation. */
  interface Measure {
    long of(Operation operation);
  }

  /**
   * Two operations of which the second was begun when the first had been answered, and of which the
   * second has the lower number.
   */
  static Optional<Map.Entry<Operation, Operation>> backward(
      List<Operation> operations, Measure measure) {
    var answered =
        operations.stream().sorted(Comparator.comparingLong(Operation::completed)).toList();
    var next = 0;
    Optional<Operation> highest = Optional.empty();
    for (var operation :
        operations.stream().sorted(Comparator.comparingLong(Operation::invoked)).toList()) {
      for (;
          next < answered.size() && answered.get(next).completed() < operation.invoked();
          next++) {
        var candidate = answered.get(next);
        if (highest.filter(it -> measure.of(it) >= measure.of(candidate)).isEmpty()) {
          highest = Optional.of(candidate);
        }
      }
      if (highest.filter(it -> measure.of(it) > measure.of(operation)).isPresent()) {
        return Optional.of(Map.entry(highest.get(), operation));
      }
    }
    return Optional.empty();
  }

  private void lookAtEnd(FinalState end, List<Operation> counted, long possible) {
    if (end.counter() > possible) {
      violations.add(
          new Violation(
              Rule.NOTHING_INVENTED,
              "the counter on %s is %d at the end, and only %d increments may have been done"
                  .formatted(end.node(), end.counter(), possible)));
    }
    counted.stream()
        .filter(it -> evidence.keepsAll() || Evidence.timeline(it) >= end.timeline())
        .max(Comparator.comparingLong(CounterCheck::count))
        .filter(it -> count(it) > end.counter())
        .ifPresent(it ->
            violations.add(
                new Violation(
                    Rule.ACKNOWLEDGED_IS_KEPT,
                    "the counter on %s is %d at the end, after%n  %s"
                        .formatted(end.node(), end.counter(), evidence.telling().of(it)))));
  }

  private void report(String what, Operation first, Operation second) {
    violations.add(
        new Violation(
            Rule.COUNTER_COUNTS, what + ":" + evidence.telling().of(List.of(first, second))));
  }
}
