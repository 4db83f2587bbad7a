package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;

/**
 * What a node hears of its leader.
 *
 * @param lastAt when the leader was last heard
 * @param widestGap the widest gap between two beats, fading away; an outage counts as what was
 *     borne of it; negative: none was heard yet
 * @param released the leader gave its lease up
 * @param handOver what it said then, as long as that decides who stands first
 * @param because what had made it go; empty: nothing wrong
 * @param leaderPosition its last position
 * @param hasLetGo since then, a better candidate was let go first
 */
public record Hearing(
    Duration lastAt,
    Duration widestGap,
    boolean released,
    Optional<HandOver> handOver,
    Optional<String> because,
    Optional<Position> leaderPosition,
    boolean hasLetGo) {

  private static final int FADE = 64;
  private static final Duration NOTHING_HEARD = Duration.ofNanos(-1);

  static Hearing since(Duration now) {
    return new Hearing(
        now, NOTHING_HEARD, false, Optional.empty(), Optional.empty(), Optional.empty(), false);
  }

  /** A leadership has begun; the silence before it says nothing about the link. */
  Hearing begun(Duration now) {
    return new Hearing(
        now, widestGap, false, Optional.empty(), Optional.empty(), leaderPosition, false);
  }

  Hearing heard(Duration now, Optional<Position> position, Duration suspicion) {
    // The time since this agent started says nothing about the link either.
    var gap =
        widestGap.isNegative() ? Duration.ZERO : shorter(now.minus(lastAt), patience(suspicion));
    var faded = widestGap.minus(widestGap.dividedBy(FADE));
    return new Hearing(
        now,
        longer(gap, faded),
        false,
        Optional.empty(),
        Optional.empty(),
        position.or(() -> leaderPosition),
        false);
  }

  Hearing releasedBy(Optional<HandOver> word) {
    return new Hearing(lastAt, widestGap, true, word, because, leaderPosition, hasLetGo);
  }

  Hearing goneFor(Optional<String> cause) {
    return new Hearing(lastAt, widestGap, released, handOver, cause, leaderPosition, hasLetGo);
  }

  /** For the history. */
  String whyGone(String what) {
    return because.map(it -> what + ": " + it).orElse(what);
  }

  Hearing lettingGo() {
    return new Hearing(lastAt, widestGap, released, handOver, because, leaderPosition, true);
  }

  boolean lostAt(Duration now, Duration suspicion) {
    return released || now.minus(lastAt).compareTo(patience(suspicion)) >= 0;
  }

  /**
   * A link that is known to be rough earns more, up to four times as much.
   *
   * <p>What lasts longer was an outage, of the link or of this host: how long it took until
   * somebody mended it says nothing about how evenly beats come. So it counts for no more than
   * this, which is half as much patience again: a host that has too little to do its work gets to
   * any patience in a few gaps, and one cut that was healed is forgotten within seconds.
   */
  private Duration patience(Duration suspicion) {
    var earned = widestGap.plus(widestGap.dividedBy(2));
    return shorter(longer(earned, suspicion), suspicion.multipliedBy(4));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
