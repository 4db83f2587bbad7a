package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What some worlds have besides. Drawn from dice of its own, so that a world without it goes as it
 * always went.
 *
 * @param policy by which the shipped planner makes the synchronous set; absent: leaders go to
 *     targets that chance picks, which makes harder cases
 * @param replayMaxUs how long PostgreSQL replays at most when it starts; before that nobody knows
 *     where its WAL ends
 * @param archive who gets WAL from an archive
 * @param handPromotions whether standbys are promoted behind the agents' backs
 * @param lastResorts whether leaders resign, and operators force somebody to lead
 */
record Surroundings(
    Optional<SyncPolicy> policy,
    long replayMaxUs,
    Archive.Feeding archive,
    boolean handPromotions,
    boolean lastResorts) {
  static final Surroundings PLAIN =
      new Surroundings(Optional.empty(), 0, Archive.Feeding.NOBODY, false, false);

  private static final long REPLAY_MAX_US = 800_000;

  /** A rule that is off shows soonest where little else goes on. */
  static Surroundings drawn(Dice dice, Setup setup, Mutation mutation) {
    if (mutation == Mutation.FULL_REPLAY_NOT_AWAITED) {
      return new Surroundings(
          Optional.empty(), REPLAY_MAX_US, Archive.Feeding.NOBODY, false, false);
    }
    if (mutation == Mutation.HAND_PROMOTED_DATA_COUNT) {
      return new Surroundings(Optional.empty(), 0, Archive.Feeding.NOBODY, true, false);
    }
    if (mutation != Mutation.NONE) {
      return PLAIN;
    }
    var planned = setup.synchronous() && dice.hits(0.5);
    return new Surroundings(
        planned ? Optional.of(policy(dice)) : Optional.empty(),
        dice.hits(0.4) ? REPLAY_MAX_US : 0,
        dice.hits(0.4)
            ? dice.of(List.of(Archive.Feeding.STANDBYS, Archive.Feeding.FENCED_STANDBYS_TOO))
            : Archive.Feeding.NOBODY,
        dice.hits(0.25),
        dice.hits(0.2));
  }

  static SyncPolicy policy(Dice dice) {
    return new SyncPolicy(
        dice.of(List.of(SyncMode.PRIORITY, SyncMode.QUORUM)),
        dice.hits(0.3),
        (int) dice.between(1, 2),
        dice.hits(0.3) ? OptionalLong.of(dice.between(50, 1000)) : OptionalLong.empty(),
        Duration.ofMillis(dice.between(100, 1000)));
  }
}
