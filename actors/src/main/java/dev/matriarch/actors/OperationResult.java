package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.ha.Rejoin;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;

/** How an operation ended, and what is known now that was not known before. */
record OperationResult(Operation operation, Outcome outcome, Learned learned) {

  /** One leadership. */
  record Against(NodeId leader, long term) {}

  /** What an operation found out. */
  sealed interface Learned {
    record Nothing() implements Learned {}

    /** How to get back behind a leader. */
    record Judged(Rejoin rejoin, Against against) implements Learned {}

    /** Nothing comes in any more; how much is there is not known yet. */
    record Closed() implements Learned {}

    /** All the WAL that a standby has from which all sources were taken. */
    record Measured(Position position) implements Learned {}

    /** What is left of PostgreSQL was killed, and is held by the kernel. */
    record Held() implements Learned {}

    /** The number of the incarnation that is in the directory now. */
    record Numbered(long incarnation) implements Learned {}
  }

  static OperationResult of(Operation operation, Outcome outcome) {
    return new OperationResult(operation, outcome, new Learned.Nothing());
  }

  /** A bug in an operation must not lose the supervisor its answer. */
  static OperationResult broken(Operation operation, Throwable failure) {
    return of(operation, new Outcome.Failed("unexpected: " + failure));
  }
}
