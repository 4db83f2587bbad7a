package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.model.Steady;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a node that has lost its leader becomes the next one: canvass and rank ({@link
 * CanvassRules}), prepare (here), accept ({@link WinRules}).
 */
final class CandidateRules {
  private CandidateRules() {}

  static void tick(Turn turn) {
    switch (turn.standing) {
      case Standing.Idle(var tryAfter) -> whenIdle(turn, tryAfter);
      case Standing.Canvassing canvassing -> CanvassRules.whenCanvassing(turn, canvassing);
      case Standing.Waiting(var until, var reason) -> {
        if (turn.hasLeader() || !canStand(turn)) {
          turn.idle(turn.now, "a leader is heard");
        } else if (turn.reached(until)) {
          prepare(turn, Standing.Purpose.Lead.because(reason), Optional.empty());
        }
      }
      case Standing.Preparing preparing -> whenPreparing(turn, preparing);
      case Standing.Accepting accepting -> WinRules.whenAccepting(turn, accepting);
      case Standing.Leading _ -> {}
    }
  }

  private static void whenIdle(Turn turn, Duration tryAfter) {
    if (!turn.reached(tryAfter) || turn.hasLeader() || !canStand(turn)) {
      return;
    }
    var blocked = turn.blockedFor(turn.self());
    if (goesOn(turn, turn.voter.record())) {
      prepare(
          turn, Standing.Purpose.Lead.because("its PostgreSQL runs as primary"), Optional.empty());
    } else if (HandOverRules.isHeir(turn)) {
      HandOverRules.succeed(turn);
    } else if (!HandOverRules.keepsBack(turn) && blocked.compareTo(turn.timing().rankStep()) < 0) {
      CanvassRules.canvass(turn);
    }
  }

  /**
   * Whether this node could lead as far as it knows; the promises may still say otherwise. Data on
   * a newer timeline than the record's are no objection: the record stored here may be an old one.
   */
  static boolean canStand(Turn turn) {
    var local = turn.local;
    if (!local.able()) {
      return false;
    }
    var known = turn.voter.record().filter(it -> it.systemIdentifier().isPresent());
    if (known.isEmpty()) {
      return true;
    }
    var record = known.get();
    if (record.sync().isPresent()) {
      return local.systemIdentifier().equals(record.systemIdentifier())
          && turn.position().isPresent();
    }
    return local.systemIdentifier().equals(record.systemIdentifier())
        && local.position().isPresent()
        && (goesOn(turn, known)
            || turn.hearing
                .leaderPosition()
                .filter(it -> loss(local.position(), it, record) > local.lagMaxBytes())
                .isEmpty());
  }

  static long loss(Optional<Position> mine, Position other, ClusterRecord record) {
    return mine.map(it -> LossBound.bytes(it, other, record.history())).orElse(Long.MAX_VALUE);
  }

  /** The incumbent whose PostgreSQL still runs on the record's timeline needs no new timeline. */
  static boolean goesOn(Turn turn, Optional<ClusterRecord> known) {
    return known
        .filter(it -> it.elected().equals(Optional.of(turn.self())))
        .filter(it -> turn.local.primaryOn().equals(Optional.of(it.timeline())))
        .isPresent();
  }

  static void prepare(Turn turn, Standing.Purpose purpose, Optional<Standing.Held> held) {
    prepare(turn, purpose, turn.isSynchronous(), held);
  }

  static void prepare(
      Turn turn, Standing.Purpose purpose, boolean fence, Optional<Standing.Held> held) {
    var term = Math.max(turn.highestTerm, turn.voter.promised().term()) + 1;
    var ballot = new Ballot(term, turn.self(), turn.voter.store());
    turn.saw(term);
    turn.standing =
        new Standing.Preparing(ballot, purpose, turn.now, Map.of(), Map.of(), fence, held);
    turn.sendToAll(new ElectionMessage.Prepare(ballot, turn.local.primaryOn(), fence));
  }

  static void onPromise(Turn turn, ElectionMessage.Promise promise) {
    if (turn.standing instanceof Standing.Preparing preparing
        && preparing.ballot().equals(promise.ballot())) {
      var promises = new HashMap<>(preparing.promises());
      promises.put(promise.from(), promise);
      turn.standing =
          new Standing.Preparing(
              preparing.ballot(),
              preparing.purpose(),
              preparing.startedAt(),
              Steady.map(promises),
              preparing.askAgainAt(),
              preparing.fence(),
              preparing.held());
      WinRules.tryWin(turn);
    }
  }

  static void onRefused(Turn turn, ElectionMessage.Refused refused) {
    if (!(turn.standing instanceof Standing.Preparing preparing)
        || !preparing.ballot().equals(refused.refused())) {
      return;
    }
    if (refused.retryAfterMs() == 0) {
      backOff(turn, "a higher ballot is in the way");
      return;
    }
    var askAgain = new HashMap<>(preparing.askAgainAt());
    askAgain.put(refused.from(), turn.now.plusMillis(refused.retryAfterMs()));
    turn.standing =
        new Standing.Preparing(
            preparing.ballot(),
            preparing.purpose(),
            preparing.startedAt(),
            preparing.promises(),
            Steady.map(askAgain),
            preparing.fence(),
            preparing.held());
  }

  private static void whenPreparing(Turn turn, Standing.Preparing preparing) {
    var round =
        HandOverRules.hasSucceeded(turn)
            ? HandOver.round(turn.timing())
            : turn.timing().roundTimeout();
    var wait = round.multipliedBy(WinRules.fetch(turn).isPresent() ? 10 : 1);
    if (turn.reached(preparing.startedAt().plus(wait))) {
      backOff(turn, "no majority promised");
      return;
    }
    var askAgain = new HashMap<>(preparing.askAgainAt());
    for (var node : turn.everybody()) {
      var at = askAgain.getOrDefault(node, preparing.startedAt().plus(turn.timing().resend()));
      if (!preparing.promises().containsKey(node) && turn.reached(at)) {
        askAgain.put(node, turn.now.plus(turn.timing().resend()));
        turn.send(
            node,
            new ElectionMessage.Prepare(
                preparing.ballot(), turn.local.primaryOn(), preparing.fence()));
      }
    }
    turn.standing =
        new Standing.Preparing(
            preparing.ballot(),
            preparing.purpose(),
            preparing.startedAt(),
            preparing.promises(),
            Steady.map(askAgain),
            preparing.fence(),
            preparing.held());
  }

  /** A random rest, so that two candidates do not collide again; an incumbent's is short. */
  static void backOff(Turn turn, String reason) {
    var step = turn.timing().rankStep();
    var rest =
        goesOn(turn, turn.voter.record()) ? turn.jitter : step.plus(turn.jitter.multipliedBy(4));
    turn.idle(turn.now.plus(rest), reason);
  }

  /**
   * A candidate has found that this node holds more, and waits: clients do, too. Nothing but that
   * candidacy keeps this node from standing, which it may do at any time.
   */
  static void onYield(Turn turn, ElectionMessage.Yield it) {
    if (turn.voter.promised().equals(it.ballot())
        && turn.standing instanceof Standing.Idle
        && !turn.hasLeader()
        && canStand(turn)) {
      prepare(
          turn,
          Standing.Purpose.Lead.because("the leader is lost, and a candidate has less WAL"),
          Optional.empty());
    }
  }
}
