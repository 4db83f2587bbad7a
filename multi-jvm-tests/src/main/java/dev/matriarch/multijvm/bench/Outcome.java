package dev.matriarch.multijvm.bench;

import java.util.Map;

/** How a run ended. */
sealed interface Outcome {
  /**
   * It was measured.
   *
   * @param from the primary before, and {@code to} the one after
   * @param figures those that there were: a client that was never cut off has no time for it
   * @param phases milliseconds from the fault, as the agents tell them; may be empty
   */
  record Measured(String from, String to, Map<Figure, Double> figures, Map<String, Double> phases)
      implements Outcome {}

  /** The agents cannot do what the scenario needs. */
  record NotSupported(String why) implements Outcome {}

  /** The cluster did not come to where the run could go on. */
  record Failed(String why) implements Outcome {}
}
