package dev.matriarch.multijvm.chaos.check;

import java.util.List;

/**
 * What a history says of the cluster.
 *
 * @param lost rows that were acknowledged and are not there; in asynchronous mode a fail-over may
 *     cause that
 * @param acknowledged operations that were done, {@code failed} those that certainly were not, and
 *     {@code unknown} the others
 */
public record Verdict(
    List<Violation> violations, int lost, int acknowledged, int failed, int unknown) {
  public Verdict {
    violations = List.copyOf(violations);
  }

  public boolean isClean() {
    return violations.isEmpty();
  }
}
