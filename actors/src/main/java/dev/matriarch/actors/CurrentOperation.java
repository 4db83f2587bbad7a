package dev.matriarch.actors;

import dev.matriarch.protocol.ha.Operation;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/** The one operation on PostgreSQL that may be under way. Touched by the supervisor only. */
final class CurrentOperation {
  private final ActorContext<Supervisor.Command> context;
  private final ActorRef<OperationResult> results;
  private Optional<ActorRef<Lifecycle.Command>> running = Optional.empty();
  private long epoch;

  /** The epoch of the last operation that was cancelled; each is cancelled once. */
  private long cancelled = -1;

  private int lives;

  CurrentOperation(ActorContext<Supervisor.Command> context, ActorRef<OperationResult> results) {
    this.context = context;
    this.results = results;
  }

  /** How often what PostgreSQL is has changed; what was seen in an earlier one is out of date. */
  long epoch() {
    return epoch;
  }

  void newEpoch() {
    epoch++;
  }

  void begin(Operation operation, Supplier<OperationResult> work) {
    running =
        Optional.of(
            context.spawn(
                Lifecycle.create(
                    operation,
                    work,
                    failure -> OperationResult.broken(operation, failure),
                    results),
                "%s-%d".formatted(operation, ++lives)));
  }

  void ended() {
    epoch++;
    running = Optional.empty();
  }

  /** Once only: a second interrupt would hit what the operation does to clean up. */
  boolean cancel() {
    if (cancelled == epoch) {
      return false;
    }
    cancelled = epoch;
    running.ifPresent(it -> it.tell(new Lifecycle.Cancel()));
    return true;
  }
}
