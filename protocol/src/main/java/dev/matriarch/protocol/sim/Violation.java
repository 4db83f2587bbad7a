package dev.matriarch.protocol.sim;

/** Something happened that never may. */
public final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1;

  Violation(String what) {
    super(what);
  }
}
