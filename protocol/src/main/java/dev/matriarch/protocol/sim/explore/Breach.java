package dev.matriarch.protocol.sim.explore;

/** Something that never may happen. */
final class Breach extends RuntimeException {
  Breach(String message) {
    super(message, null, false, false);
  }
}
