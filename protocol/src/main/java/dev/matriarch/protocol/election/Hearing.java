package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;

/**
 * What a node hears of its leader.
 *
 * @param lastAt when the leader was last heard
 * @param widestGap the widest gap between two beats, fading away; negative: none was heard yet
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

  Hearing heard(Duration now, Optional<Position> position) {
    // The time since this agent started says nothing about the link either.
    var gap = widestGap.isNegative() ? Duration.ZERO : now.minus(lastAt);
    var faded = widestGap.minus(widestGap.dividedBy(FADE));
    return new Hearing(
        now,
        gap.compareTo(faded) > 0 ? gap : faded,
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

  /** A link that is known to be rough earns more patience, up to four times as much. */
  boolean lostAt(Duration now, Duration suspicion) {
    var patience = widestGap.plus(widestGap.dividedBy(2));
    var floor = patience.compareTo(suspicion) > 0 ? patience : suspicion;
    var ceiling = suspicion.multipliedBy(4);
    var limit = floor.compareTo(ceiling) < 0 ? floor : ceiling;
    return released || now.minus(lastAt).compareTo(limit) >= 0;
  }
}
