package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.RecordChange;

/** What may happen to one agent. */
sealed interface Stimulus {
  record Mailed(ElectionMessage message) implements Stimulus {}

  /** The shell reports. */
  record Told(Local local) implements Stimulus {}

  /** It has lost its leader, the others say so too, and it is its turn. */
  record Stands() implements Stimulus {}

  record Asked(RecordChange change) implements Stimulus {}

  /** Only what is on disk is left. */
  record Restarts() implements Stimulus {}
}
