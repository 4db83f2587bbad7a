package dev.matriarch.protocol.election;

import java.time.Duration;
import java.util.Optional;

/** Who stands when after a leader has handed over: the order that {@link HandOver} says. */
final class HandOverRules {
  private HandOverRules() {}

  static boolean isHeir(Turn turn) {
    return isSuccessor(turn, false);
  }

  /** Whether it has stood because of a hand-over: that may take longer than another candidacy. */
  static boolean hasSucceeded(Turn turn) {
    return isSuccessor(turn, true);
  }

  private static boolean isSuccessor(Turn turn, boolean taken) {
    return turn.hearing
        .handOver()
        .filter(it -> it.successor().equals(turn.self()) && it.taken() == taken)
        .isPresent();
  }

  static boolean hasHandedOver(Turn turn) {
    return turn.hearing.handOver().filter(it -> it.from().equals(turn.self())).isPresent();
  }

  /** Whether others go first. */
  static boolean keepsBack(Turn turn) {
    return turn.hearing
        .handOver()
        .filter(it -> !turn.reached(it.at().plus(it.turnOf(turn.self(), turn.timing()))))
        .isPresent();
  }

  /**
   * The heir stands without asking. In synchronous mode the fenced voters will tell what it has and
   * lacks. In asynchronous mode one that lacks WAL of the old leader looks again at what it has,
   * and then becomes one of the others, so that the old leader is before it.
   */
  static void succeed(Turn turn) {
    var word = turn.hearing.handOver().orElseThrow();
    if (turn.isSynchronous() || hasAll(turn, word)) {
      turn.hearing = turn.hearing.releasedBy(Optional.of(word.asTaken()));
      var reason = turn.hearing.whyGone("the leader handed over");
      CandidateRules.prepare(turn, Standing.Purpose.Lead.because(reason), Optional.empty());
    } else if (turn.reached(word.lookedAgainBy(turn.timing()))) {
      turn.hearing = turn.hearing.releasedBy(Optional.of(word.declined()));
    }
  }

  /** Whether nothing is missing here of what the leader held, or was last heard to hold. */
  private static boolean hasAll(Turn turn, HandOver word) {
    var known = turn.voter.record();
    return known.isEmpty()
        || word.upTo()
            .or(turn.hearing::leaderPosition)
            .filter(it -> CandidateRules.loss(turn.local.position(), it, known.get()) > 0)
            .isEmpty();
  }

  /** What was known here of the own WAL may be older than what the leader has said of its own. */
  static void onLocal(Turn turn) {
    if (turn.standing instanceof Standing.Idle && isHeir(turn)) {
      CandidateRules.tick(turn); // clients wait: not at the next tick
    }
  }

  /** Who has handed over goes before all that hold no more than it does. */
  static boolean goesBefore(Turn turn, Candidacy other, Candidacy mine) {
    return other.goesBefore(mine)
        && !(hasHandedOver(turn) && other.position().equals(mine.position()));
  }

  /** How long one that has promised {@code ballot}, or is about to, rests. */
  static Duration patience(Turn turn, Ballot ballot, Duration otherwise) {
    return turn.hearing
        .handOver()
        .filter(it -> it.successor().equals(ballot.candidate()))
        .map(it -> it.roundFor(turn.self(), turn.timing()))
        .orElse(otherwise);
  }
}
