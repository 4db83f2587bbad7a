package dev.matriarch.actors;

import dev.matriarch.protocol.ha.Operation;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one operation out on a virtual thread, reports how it ended, and is gone.
 *
 * <p>There is one at a time. It can be cancelled: the thread is interrupted, and the operation
 * cleans up after itself. The end of the actor system cancels it, and waits for that.
 */
final class Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);
  private static final Duration CLEAN_UP_MAX = Duration.ofSeconds(10);

  /** What this actor reacts to. */
  sealed interface Command {}

  /** End the operation early. */
  record Cancel() implements Command {}

  private record Finished<R>(R result) implements Command {}

  private Lifecycle() {}

  /**
   * An operation that begins at once.
   *
   * @param failed makes a result of an exception: a bug in the operation must not lose the answer
   */
  static <R> Behavior<Command> create(
      Operation operation, Supplier<R> work, Function<Throwable, R> failed, ActorRef<R> replyTo) {
    return Behaviors.setup(context -> {
      var self = context.getSelf();
      var thread =
          Thread.ofVirtual()
              .name("operation-" + operation)
              .start(() -> self.tell(new Finished<>(attempt(work, failed))));
      return running(thread, replyTo);
    });
  }

  @SuppressWarnings("unchecked") // Finished comes only from the thread above, with an R
  private static <R> Behavior<Command> running(Thread thread, ActorRef<R> replyTo) {
    return Behaviors.receive(Command.class)
        .onMessage(
            Cancel.class,
            _ -> {
              thread.interrupt();
              return Behaviors.same();
            })
        .onMessage(
            Finished.class,
            finished -> {
              replyTo.tell((R) finished.result());
              return Behaviors.stopped();
            })
        .onSignal(
            PostStop.class,
            _ -> {
              end(thread);
              return Behaviors.same();
            })
        .build();
  }

  /** The next life of the agent must not work on the same directory beside it. */
  private static void end(Thread thread) {
    thread.interrupt();
    try {
      if (!thread.join(CLEAN_UP_MAX)) {
        LOG.error("{} does not end", thread.getName());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static <R> R attempt(Supplier<R> work, Function<Throwable, R> failed) {
    try {
      return work.get();
    } catch (RuntimeException | Error e) {
      return failed.apply(e);
    }
  }
}
