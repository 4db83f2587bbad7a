package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.Beginning;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether all money together stays the same in every snapshot of any node, however old, and no
 * account has less than nothing. A fail-over that loses transfers loses each as a whole.
 */
final class BankCheck {
  private BankCheck() {}

  static List<Violation> of(Evidence evidence) {
    var violations = new ArrayList<Violation>();
    for (var operation : evidence.operations()) {
      if (operation.outcome() instanceof Outcome.Ok(Value.Accounts(var balances, _))
          && !isSound(balances)) {
        violations.add(violation(balances, evidence.telling().of(operation)));
      }
    }
    for (var end : evidence.ends()) {
      if (!isSound(end.accounts())) {
        violations.add(
            violation(
                end.accounts(), "%s has %s at the end".formatted(end.node(), end.accounts())));
      }
    }
    return violations;
  }

  private static boolean isSound(List<Long> balances) {
    return balances.size() == Beginning.ACCOUNTS
        && sum(balances) == Beginning.MONEY
        && balances.stream().allMatch(it -> it >= 0);
  }

  private static long sum(List<Long> balances) {
    return balances.stream().mapToLong(Long::longValue).sum();
  }

  private static Violation violation(List<Long> balances, String what) {
    return new Violation(
        Rule.BALANCES_CONSTANT,
        "%d in %d accounts, there were %d in %d: %s"
            .formatted(sum(balances), balances.size(), Beginning.MONEY, Beginning.ACCOUNTS, what));
  }
}
