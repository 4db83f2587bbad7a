package dev.matriarch.protocol.sim;

/** Nothing fails any more, and yet something that must happen does not. */
final class NotWell extends RuntimeException {
  private static final long serialVersionUID = 1;

  NotWell(String what) {
    super(what);
  }
}
