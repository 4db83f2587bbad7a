package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.OperationResult.Learned;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.ha.Rejoin;
import java.time.Duration;
import java.util.Optional;

/** What is known after an operation has ended, and what is not known any more. */
final class Aftermath {
  private static final Duration REST = Duration.ofSeconds(2);

  /** An election waits for it. */
  private static final Duration FENCE_AGAIN = Duration.ofMillis(200);

  /** A look at what hangs takes seconds, and must not make it forgotten. */
  private static final Duration CANNOT_BE_STOPPED = Duration.ofSeconds(10);

  /** A reload takes effect a moment after it was signalled. */
  private static final Duration FOLLOWED = Duration.ofMillis(500);

  private Aftermath() {}

  static void of(OperationResult result, Knowledge knowledge, Duration now) {
    var operation = result.operation();
    knowledge.busy = Optional.empty();
    knowledge.sealing.ended();
    switch (result.outcome()) {
      case Outcome.Done _ -> done(operation, knowledge, now);
      case Outcome.Failed _ -> failed(operation, knowledge, now);
    }
    // What was seen before the operation says nothing any more.
    knowledge.observed = Optional.empty();
    knowledge.endingSince = Optional.empty();
    learn(result, knowledge, now);
  }

  private static void done(Operation operation, Knowledge knowledge, Duration now) {
    knowledge.restingUntil.remove(operation);
    switch (operation) {
      case FOLLOW -> knowledge.restingUntil.put(operation, now.plus(FOLLOWED));
      case STOP -> knowledge.wasPrimary = false;
      case CRASH_RECOVERY -> knowledge.recovered(true, now);
      case INITIALISE,
          START_PRIMARY,
          START_STANDBY,
          CLONE,
          PROMOTE,
          JUDGE,
          REWIND,
          FENCE,
          FETCH,
          TAKE_INCARNATION -> {}
    }
  }

  private static void failed(Operation operation, Knowledge knowledge, Duration now) {
    knowledge.restingUntil.put(operation, now.plus(REST));
    switch (operation) {
      case START_PRIMARY, PROMOTE -> knowledge.crashed(now);
      case CRASH_RECOVERY -> {
        if (!knowledge.stopping) {
          knowledge.recovered(false, now);
        }
      }
      case STOP -> knowledge.restingUntil.put(operation, now.plus(CANNOT_BE_STOPPED));
      case FENCE, FETCH -> knowledge.restingUntil.put(operation, now.plus(FENCE_AGAIN));
      case INITIALISE, CLONE, START_STANDBY, FOLLOW, JUDGE, REWIND, TAKE_INCARNATION -> {}
    }
  }

  private static void learn(OperationResult result, Knowledge knowledge, Duration now) {
    switch (result.operation()) {
      case REWIND, CLONE, START_STANDBY -> knowledge.judgement = Optional.empty();
      case INITIALISE,
          START_PRIMARY,
          STOP,
          PROMOTE,
          FOLLOW,
          CRASH_RECOVERY,
          JUDGE,
          FENCE,
          FETCH,
          TAKE_INCARNATION -> {}
    }
    switch (result.learned()) {
      case Learned.Nothing() -> {}
      case Learned.Judged(var rejoin, var against) ->
          knowledge.judgement =
              Optional.of(new Knowledge.Judgement(against.leader(), against.term(), rejoin, now));
      case Learned.Held() ->
          // A look that hangs may be under way, and the next would wait for it.
          knowledge.observed =
              Optional.of(
                  new Observation(
                      0, new Seen.Killed(), Optional.empty(), false, knowledge.incarnation));
      case Learned.Closed() -> knowledge.sealing.closed();
      case Learned.Measured(var position) -> {
        knowledge.sealing.measured(position);
        // That it fits was said of less, perhaps.
        knowledge.judgement = knowledge.judgement.filter(it -> it.rejoin() != Rejoin.FOLLOW);
      }
      case Learned.Numbered(var number) -> knowledge.incarnation = Optional.of(number);
    }
  }
}
