package dev.matriarch.protocol.sim.explore;

import java.util.function.Supplier;

/** Gets what may follow from a state. */
interface Sink {
  void reached(Supplier<String> action, int[] state);

  void broken(Supplier<String> action, String rule);
}
