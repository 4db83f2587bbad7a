package dev.matriarch.protocol.election;

import java.util.Optional;

/**
 * Which data this node has, as far as promises and confirmations go.
 *
 * <p>The number is kept in the data directory and in the voter's store. If they differ, the
 * directory was made anew, or the store was, with all that it had promised; if the WAL ends below a
 * position that was told to a candidate, it is not the same WAL. In each case the data count as
 * another incarnation from then on: what was confirmed by the old one says nothing about them.
 */
final class Incarnations {
  /** What a directory without a number tells. */
  private static final long UNNUMBERED = 0;

  private Incarnations() {}

  /**
   * The directory was looked at.
   *
   * @param before the number that was in it at the last look
   */
  static void onLocal(Turn turn, Optional<Long> before) {
    var found = turn.local.replication().incarnation();
    var known = turn.voter.incarnation().number();
    var other = found.isPresent() && found.get() != known && !found.equals(before);
    var less =
        found.filter(it -> it == known).isPresent()
            && turn.local.position().filter(turn::isLessThanReported).isPresent();
    if (other || less) {
      turn.voter = turn.voter.holding(new Incarnation(turn.self(), next(turn)));
    }
    if (other && found.get() != UNNUMBERED) {
      turn.voter = turn.voter.succeeding(found.get());
    }
  }

  /** The number that the directory has to get. */
  static Optional<Long> ordered(Turn turn) {
    var known = turn.voter.incarnation().number();
    return turn.local.replication().incarnation().filter(it -> it != known).map(_ -> known);
  }

  /**
   * Whether this store has no record, although there may be one: an earlier store knew these data,
   * or nobody has looked yet. What a majority of such members found would be a second cluster.
   */
  static boolean isForgetful(Turn turn) {
    var looked =
        turn.local
            .hasData()
            .filter(it -> !it || turn.local.replication().incarnation().isPresent())
            .isPresent();
    return turn.voter.accepted().isEmpty() && (turn.voter.predecessor().isPresent() || !looked);
  }

  /**
   * Unlike any number before, here and elsewhere: stores have random names. (SplitMix64's
   * finalizer, Steele et al., "Fast Splittable Pseudorandom Number Generators", 2014.)
   */
  private static long next(Turn turn) {
    var name = turn.voter.store().value();
    var z = turn.voter.incarnation().number() + 0x9E3779B97F4A7C15L;
    for (var i = 0; i < name.length(); i++) {
      z = z * 31 + name.charAt(i);
    }
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
