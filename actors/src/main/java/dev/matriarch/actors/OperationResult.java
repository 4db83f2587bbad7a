package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.ha.Rejoin;
import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;

/**
 * How an operation ended.
 *
 * @param rejoin what is known now about getting back behind {@code against}
 */
record OperationResult(
    Operation operation, Outcome outcome, Optional<Rejoin> rejoin, Optional<Against> against) {

  /** One leadership. */
  record Against(NodeId leader, long term) {}

  static OperationResult of(Operation operation, Outcome outcome) {
    return new OperationResult(operation, outcome, Optional.empty(), Optional.empty());
  }

  /** A bug in an operation must not lose the supervisor its answer. */
  static OperationResult broken(Operation operation, Throwable failure) {
    return of(operation, new Outcome.Failed("unexpected: " + failure));
  }
}
