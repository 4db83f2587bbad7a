package dev.matriarch.multijvm.chaos.fault;

import java.time.Duration;
import java.util.Locale;

/**
 * One fault of a round, as it was drawn.
 *
 * @param whom whom it meets; who that is, is found out at the moment
 * @param begin after the beginning of the round
 * @param hold how long it lasts
 * @param chance decides what is left open: which standby, which of several processes
 */
public record Strike(FaultKind kind, Whom whom, Duration begin, Duration hold, long chance) {
  /** Whom a strike meets. */
  public enum Whom {
    PRIMARY,
    /** Any other node; a witness too, where that makes sense. */
    STANDBY,
    ALL;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Duration end() {
    return begin.plus(hold);
  }

  @Override
  public String toString() {
    return "%s of %s, %s to %s s"
        .formatted(kind.option(), whom.text(), seconds(begin), seconds(end()));
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f", time.toMillis() / 1e3);
  }
}
