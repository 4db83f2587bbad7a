package dev.matriarch.protocol.election;

import java.util.Optional;

/**
 * The promise of a voter in synchronous mode is a fence.
 *
 * <p>A node stops to receive and to write WAL <i>before</i> it promises. So a candidate that has
 * gathered enough promises knows that nothing more can be acknowledged behind its back, whatever
 * the old leader believes and whatever the clocks say. The order is always the same: fence, save,
 * answer. It stays fenced until it has stored a record at or above its promise whose leader runs
 * PostgreSQL on the record's timeline.
 */
final class FenceRules {
  private FenceRules() {}

  /** Whether a promise to the candidate has to wait for PostgreSQL. */
  static boolean mustFence(Turn turn, ElectionMessage.Prepare prepare) {
    return !goesOnStreaming(turn, prepare) && !goesOnAsPrimary(turn, prepare);
  }

  /** Its WAL may come from the candidate all along: nobody else can acknowledge by it. */
  private static boolean goesOnStreaming(Turn turn, ElectionMessage.Prepare prepare) {
    var source = prepare.primaryOn().map(it -> new Local.Source(prepare.ballot().candidate(), it));
    return source.isPresent()
        && turn.local.replication().streamsFrom().equals(source)
        && !turn.voter.fenced();
  }

  private static boolean goesOnAsPrimary(Turn turn, ElectionMessage.Prepare prepare) {
    return prepare.ballot().candidate().equals(turn.self()) && turn.local.primaryOn().isPresent();
  }

  /** Whether no WAL reaches this node but that of the candidate of the promised ballot. */
  static boolean isCovered(Turn turn, Ballot promised) {
    var candidate = promised.candidate();
    return turn.voter.fenced()
        || (candidate.equals(turn.self()) && turn.local.primaryOn().isPresent())
        || turn.local
            .replication()
            .streamsFrom()
            .filter(it -> it.node().equals(candidate))
            .isPresent();
  }

  static boolean isFencedFor(Turn turn, Ballot ballot) {
    return turn.local.replication().fencedFor().equals(Optional.of(ballot));
  }

  /** The ballot that PostgreSQL has to be fenced for. */
  static Optional<Ballot> fenceFor(Turn turn) {
    return turn.fencing
        .map(ElectionState.Fencing::ballot)
        .or(() -> Optional.of(turn.voter.promised()).filter(_ -> turn.voter.fenced()));
  }

  static void onLocal(Turn turn, Local local) {
    var before = turn.position();
    var known = turn.local.replication().incarnation();
    turn.local = local;
    Incarnations.onLocal(turn, known);
    turn.fencing
        .map(ElectionState.Fencing::ballot)
        .filter(it -> isFencedFor(turn, it))
        .ifPresent(it -> VoterRules.promiseFenced(turn, it));
    if (!turn.position().equals(before) && turn.position().isPresent() && isToldAnew(turn)) {
      VoterRules.answerPromise(turn, turn.voter.promised());
    }
  }

  /**
   * What a promise says of the WAL held here may have grown: by replay behind the fence, or because
   * the candidate is this node, and its PostgreSQL goes on to write. Its standbys tell of what they
   * have received since, and must not seem to hold more than it.
   */
  private static boolean isToldAnew(Turn turn) {
    var promised = turn.voter.promised();
    return turn.voter.fenced()
        ? isFencedFor(turn, promised)
        : turn.standing instanceof Standing.Preparing preparing
            && preparing.ballot().equals(promised)
            && turn.local.primaryOn().isPresent();
  }

  /** The leader of the stored record runs as it says: whoever waited for that may follow. */
  static void released(Turn turn) {
    turn.fencing.ifPresent(it -> turn.unfencedTerm = it.ballot().term());
    turn.fencing = Optional.empty();
    if (turn.voter.fenced()) {
      turn.voter = turn.voter.fenced(false);
    }
  }
}
