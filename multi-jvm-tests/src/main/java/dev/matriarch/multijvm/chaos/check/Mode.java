package dev.matriarch.multijvm.chaos.check;

/** How commits are replicated, which says what an acknowledgement promises. */
public enum Mode {
  /** A fail-over may take along what was acknowledged last. */
  ASYNCHRONOUS,
  ON,
  QUORUM,
  /** Synchronous, and never without a synchronous standby. */
  STRICT;

  /** Whether nothing that was acknowledged may be lost by a fail-over. */
  public boolean isSynchronous() {
    return this != ASYNCHRONOUS;
  }
}
