package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.FinalState;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether all nodes have the same at the end, on the same timeline. */
final class AgreementCheck {
  private AgreementCheck() {}

  static List<Violation> of(Evidence evidence) {
    var violations = new ArrayList<Violation>();
    evidence
        .end()
        .ifPresent(end ->
            evidence.ends().stream()
                .filter(it -> !it.node().equals(end.node()))
                .forEach(it -> {
                  var differences = differences(end, it);
                  if (!differences.isEmpty()) {
                    violations.add(
                        new Violation(
                            Rule.NODES_AGREE,
                            "%s and %s differ: %s"
                                .formatted(end.node(), it.node(), String.join("; ", differences))));
                  }
                }));
    return violations;
  }

  private static List<String> differences(FinalState one, FinalState other) {
    var differences = new ArrayList<String>();
    if (one.timeline() != other.timeline()) {
      differences.add("timelines %d and %d".formatted(one.timeline(), other.timeline()));
    }
    only(one, one.keys(), other.keys(), differences);
    only(other, other.keys(), one.keys(), differences);
    if (!one.registers().equals(other.registers())) {
      var registers = new TreeSet<>(one.registers().keySet());
      registers.addAll(other.registers().keySet());
      differences.add(
          registers.stream()
              .filter(it -> value(one, it) != value(other, it))
              .limit(5)
              .map(it -> "register %d is %d and %d".formatted(it, value(one, it), value(other, it)))
              .collect(Collectors.joining(", ")));
    }
    if (!one.accounts().equals(other.accounts())) {
      differences.add("accounts %s and %s".formatted(one.accounts(), other.accounts()));
    }
    if (one.counter() != other.counter()) {
      differences.add("counters %d and %d".formatted(one.counter(), other.counter()));
    }
    return differences;
  }

  private static long value(FinalState state, int register) {
    return state.registers().getOrDefault(register, 0L);
  }

  private static void only(
      FinalState state, SortedSet<Long> own, SortedSet<Long> others, List<String> differences) {
    var alone = new TreeSet<>(own);
    alone.removeAll(others);
    if (!alone.isEmpty()) {
      differences.add("only %s has rows %s".formatted(state.node(), Telling.few(alone)));
    }
  }
}
