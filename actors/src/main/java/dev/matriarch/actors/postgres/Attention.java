package dev.matriarch.actors.postgres;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether a process still reads its pipe. It reads all that is there every 50 ms, so what stays
 * unread for long says that it is stopped or starved.
 *
 * <p>One look does not condemn: after a pause of the whole host the reader has had no turn either.
 */
final class Attention {
  static final Duration PATIENCE = Duration.ofMillis(500);
  private static final int LOOKS = 3;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  private Optional<Duration> unreadSince = Optional.empty();
  private Duration lookedAt = Duration.ZERO;
  private int looks;

  /** A line was written. */
  void spoken(Duration now) {
    unreadSince = unreadSince.or(() -> Optional.of(now));
  }

  /**
   * Looks at the pipe.
   *
   * @param unread bytes that are in it, or a negative error, which says nothing
   */
  boolean isLostAt(int unread, Duration now) {
    if (unread <= 0) {
      unreadSince = Optional.empty();
      looks = 0;
      return false;
    }
    if (now.minus(lookedAt).compareTo(BETWEEN_LOOKS) >= 0) {
      lookedAt = now;
      looks++;
    }
    spoken(now);
    return looks >= LOOKS
        && unreadSince.filter(it -> now.minus(it).compareTo(PATIENCE) >= 0).isPresent();
  }
}
