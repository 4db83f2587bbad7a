package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.VoterState;
import java.util.Optional;

/**
 * One agent: the machine's state, its voter's file, and what its shell is about.
 *
 * @param fencedFor the ballot for which the shell has fenced PostgreSQL
 * @param knowsPosition whether all local WAL has been replayed
 * @param lost a store that was lost, and may come back
 * @param fetching what a shell that does not look again goes on to fetch
 */
record Site(
    ElectionState state,
    VoterState disk,
    Optional<Ballot> fencedFor,
    boolean knowsPosition,
    Stage stage,
    Optional<VoterState> lost,
    Optional<Orders.Fetch> fetching) {

  /** How far a change of the synchronous set is. */
  enum Stage {
    NONE,
    /** PostgreSQL gets the new setting; the record comes last. */
    SETTING,
    /** The record is on its way. */
    PROPOSED
  }

  /** An agent that has just started. */
  static Site booted(ElectionState state, VoterState disk, Optional<VoterState> lost) {
    return new Site(state, disk, Optional.empty(), true, Stage.NONE, lost, Optional.empty());
  }

  Site with(ElectionState newState, VoterState newDisk) {
    return new Site(newState, newDisk, fencedFor, knowsPosition, stage, lost, fetching);
  }

  Site fenced(Optional<Ballot> ballot, boolean known) {
    return new Site(state, disk, ballot, known, stage, lost, fetching);
  }

  Site at(Stage newStage) {
    return new Site(state, disk, fencedFor, knowsPosition, newStage, lost, fetching);
  }

  Site fetching(Optional<Orders.Fetch> fetch) {
    return new Site(state, disk, fencedFor, knowsPosition, stage, lost, fetch);
  }

  Optional<Standing.Leading> leading() {
    return state.standing() instanceof Standing.Leading it ? Optional.of(it) : Optional.empty();
  }

  /** Of the own candidacy or leadership. */
  Optional<Ballot> ballot() {
    return switch (state.standing()) {
      case Standing.Preparing it -> Optional.of(it.ballot());
      case Standing.Accepting it -> Optional.of(it.proposal().value().version().ballot());
      case Standing.Leading it -> Optional.of(it.lease().ballot());
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ -> Optional.empty();
    };
  }
}
