package dev.matriarch.protocol.sim.explore;

import java.util.List;

/**
 * What an agent makes of a {@link Stimulus}.
 *
 * @param site the number of its new state
 * @param highestTerm that it knows of then
 * @param sent the numbers of its messages
 */
record Reaction(int site, long highestTerm, List<Integer> sent, Facts facts) {}
