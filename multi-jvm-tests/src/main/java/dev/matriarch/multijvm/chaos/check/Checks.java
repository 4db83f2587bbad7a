package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** All checks of a run. */
public final class Checks {
  private static final int OF_A_RULE = 10;

  private Checks() {}

  /**
   * What is not as it was promised; empty if all is well.
   *
   * @param ends of all nodes that should be whole at the end; if there are none, the end is not
   *     judged
   */
  public static List<Violation> run(History history, List<FinalState> ends, Mode mode) {
    return judge(history, ends, Promises.of(mode)).violations();
  }

  /** As {@link #run}, with what was found besides. */
  public static Verdict judge(History history, List<FinalState> ends, Promises promises) {
    var evidence = Evidence.of(history, ends, promises);
    var rows = RowsCheck.of(evidence);
    var violations = new ArrayList<>(OneWriterCheck.of(evidence));
    violations.addAll(rows.violations());
    violations.addAll(RegisterCheck.of(evidence));
    violations.addAll(PlainReadCheck.of(evidence));
    violations.addAll(CounterCheck.of(evidence));
    violations.addAll(BankCheck.of(evidence));
    violations.addAll(AdvanceCheck.of(evidence));
    violations.addAll(OldPrimaryCheck.of(evidence));
    violations.addAll(AgreementCheck.of(evidence));
    return new Verdict(
        few(violations),
        rows.lost(),
        count(evidence, it -> it.outcome() instanceof Outcome.Ok),
        count(evidence, it -> it.outcome() instanceof Outcome.Failed),
        count(evidence, it -> it.outcome() instanceof Outcome.Unknown),
        OldPrimaryCheck.longest(evidence));
  }

  /** One defect may show thousands of times. */
  private static List<Violation> few(List<Violation> violations) {
    var few = new ArrayList<Violation>();
    for (var rule : Rule.values()) {
      var all = violations.stream().filter(it -> it.rule() == rule).toList();
      all.stream().limit(OF_A_RULE).forEach(few::add);
      if (all.size() > OF_A_RULE) {
        few.add(
            new Violation(
                rule, "%d more times, which are left out".formatted(all.size() - OF_A_RULE)));
      }
    }
    return few;
  }

  private static int count(Evidence evidence, Predicate<Operation> counted) {
    return (int) evidence.operations().stream().filter(counted).count();
  }
}
