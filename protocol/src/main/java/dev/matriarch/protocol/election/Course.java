package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Steady;
import java.util.Map;

/**
 * How a fail-over went, as its winner measured it. For people only: nothing is decided by it.
 *
 * @param released the old leader gave its lease up, after its PostgreSQL had stopped: a hand-over
 * @param ballots how many ballots the winner stood with
 * @param state how it ended, in words
 * @param phasesMs how long each phase lasted, milliseconds, by its name in lower case
 */
public record Course(boolean released, int ballots, String state, Map<String, Long> phasesMs) {
  public Course {
    phasesMs = Steady.map(phasesMs);
  }

  /** {@code fail-over}, or {@code hand-over} where the old leader had given its lease up. */
  public static String kind(boolean released) {
    return released ? "hand-over" : "fail-over";
  }
}
