package dev.matriarch.protocol.report;

import java.util.Locale;

/** The parts of a fail-over, in their order. */
public enum Phase {
  /** From the last sign of the old leader, or the release of its lease, until it counts as lost. */
  SUSPECTED,
  /** The canvass before the ballot that won; absent where none was needed. */
  CANVASSED,
  /**
   * All else between the suspicion and that ballot: the end of the old lease in asynchronous mode,
   * better candidates that went first, rounds that failed.
   */
  WAITED,
  /** A majority has promised; in synchronous mode behind fences. */
  FENCED,
  /** A majority has stored the record that names the new leader. */
  CHOSEN,
  /** PostgreSQL takes writes on the new timeline. */
  PROMOTED,
  /** The first replica streams from it. */
  ATTACHED;

  /** As shown in logs, metrics and JSON. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
