package dev.matriarch.protocol.sim.explore;

import java.util.List;
import java.util.Map;

/**
 * What an exploration has found.
 *
 * @param complete whether all states were visited; false also after a violation
 * @param states how many different ones
 * @param transitions how many steps between them
 * @param depth how many steps the farthest one takes
 * @param trace the shortest way to a violation, one line per action; empty: there is none
 */
public record Outcome(
    boolean complete,
    int states,
    long transitions,
    int depth,
    Map<Sight, Long> sights,
    List<String> trace) {
  public Outcome {
    sights = Map.copyOf(sights);
    trace = List.copyOf(trace);
  }
}
