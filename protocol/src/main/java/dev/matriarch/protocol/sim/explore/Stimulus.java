package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.Voter;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;
import java.util.Set;

/** What may happen to one agent. */
sealed interface Stimulus {
  record Mailed(ElectionMessage message) implements Stimulus {}

  /** The shell reports. */
  record Told(Local local) implements Stimulus {}

  /** It has lost its leader, the others say so too, and it is its turn. */
  record Stands() implements Stimulus {}

  record Asked(RecordChange change) implements Stimulus {}

  /**
   * A voter without a vote answers the leader.
   *
   * @param present the voters that have answered a moment ago
   */
  record Answered(Voter by, Set<Voter> present) implements Stimulus {}

  /** An operator takes the vote of a node. */
  record Struck(NodeId node, Set<Voter> present) implements Stimulus {}

  /** An operator asks it to apply a change as caretaker; nobody leads. */
  record Cares() implements Stimulus {}

  /**
   * Only what is on disk is left.
   *
   * @param disk the voter's store, the one that was there or another
   * @param lost one that is not there any more
   */
  record Restarts(VoterState disk, Optional<VoterState> lost) implements Stimulus {}
}
