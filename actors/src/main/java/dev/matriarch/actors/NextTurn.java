package dev.matriarch.actors;

import java.time.Duration;
import java.util.Optional;

/**
 * When the supervisor turns again if nothing happens. What does happen may make it earlier: a
 * standby that fell silent is not to be looked at only when a calm second is over.
 */
final class NextTurn {
  private Optional<Duration> at = Optional.empty();

  /** It has come. */
  void turned() {
    at = Optional.empty();
  }

  /**
   * For how long a timer is to be set, instead of the one that runs; empty: that one is soon
   * enough.
   *
   * @param pause what is thought right now
   * @param now monotonic
   */
  Optional<Duration> timer(Duration pause, Duration now) {
    var due = now.plus(pause);
    if (at.filter(it -> it.compareTo(due) <= 0).isPresent()) {
      return Optional.empty();
    }
    at = Optional.of(due);
    return Optional.of(pause);
  }
}
