package dev.matriarch.multijvm.chaos.check;

import java.time.Duration;
import java.util.List;

/**
 * What a history says of the cluster.
 *
 * @param lost rows that were acknowledged and are not there; in asynchronous mode a fail-over may
 *     cause that
 * @param done operations that were done, {@code failed} those that certainly were not, and {@code
 *     unknown} the others
 * @param oldPrimary the longest time in which a primary that had been replaced answered readers
 */
public record Verdict(
    List<Violation> violations, int lost, int done, int failed, int unknown, Duration oldPrimary) {
  public Verdict {
    violations = List.copyOf(violations);
  }

  public boolean isClean() {
    return violations.isEmpty();
  }
}
