package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Grant;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.VoterState;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** States and steps with one thing changed. */
final class MutantState {
  private MutantState() {}

  static ElectionState with(ElectionState state, Grant grant, Duration silentUntil) {
    return new ElectionState(
        state.voter(),
        grant,
        silentUntil,
        state.local(),
        state.hearing(),
        state.fencing(),
        state.unfencedTerm(),
        state.highestTerm(),
        state.rounds(),
        state.standing());
  }

  static ElectionState with(ElectionState state, VoterState voter, Standing standing) {
    return new ElectionState(
        voter,
        state.grant(),
        state.silentUntil(),
        state.local(),
        state.hearing(),
        state.fencing(),
        state.unfencedTerm(),
        state.highestTerm(),
        state.rounds(),
        standing);
  }

  static ElectionState with(ElectionState state, Local local, long unfencedTerm) {
    return new ElectionState(
        state.voter(),
        state.grant(),
        state.silentUntil(),
        local,
        state.hearing(),
        state.fencing(),
        unfencedTerm,
        state.highestTerm(),
        state.rounds(),
        state.standing());
  }

  static ElectionState promised(ElectionState state, Ballot ballot) {
    return with(state, state.voter().promising(ballot), state.standing());
  }

  static Step with(Step step, ElectionState state) {
    return new Step(state, step.save(), step.effects());
  }

  static Step promised(Step step, Ballot ballot) {
    return new Step(
        promised(step.state(), ballot),
        step.save().map(it -> it.promising(ballot)),
        step.effects());
  }

  static Standing.Leading leading(
      Standing.Leading was, VersionedRecord chosen, Standing.Lease lease) {
    return new Standing.Leading(
        chosen,
        lease,
        was.beats(),
        was.nextNumber(),
        was.nextBeatAt(),
        was.proposal(),
        was.queue());
  }

  /** Every appearance of a record in the outcome of a step. */
  static Step mapped(Step step, UnaryOperator<VersionedRecord> change) {
    var state = step.state();
    var standing =
        switch (state.standing()) {
          case Standing.Accepting(var proposal, var purpose, var held) ->
              new Standing.Accepting(mapped(proposal, change), purpose, held);
          case Standing.Leading it -> mapped(it, change);
          case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _, Standing.Preparing _ ->
              state.standing();
        };
    var effects =
        step.effects().stream()
            .map(it ->
                it instanceof Effect.Send(var to, ElectionMessage.Accept(var value))
                    ? new Effect.Send(to, new ElectionMessage.Accept(change.apply(value)))
                    : it)
            .toList();
    return new Step(
        with(state, mapped(state.voter(), change), standing),
        step.save().map(it -> mapped(it, change)),
        effects);
  }

  private static Standing.Leading mapped(
      Standing.Leading it, UnaryOperator<VersionedRecord> change) {
    return new Standing.Leading(
        change.apply(it.chosen()),
        it.lease(),
        it.beats(),
        it.nextNumber(),
        it.nextBeatAt(),
        it.proposal().map(proposal -> mapped(proposal, change)),
        it.queue());
  }

  private static Standing.Proposal mapped(
      Standing.Proposal proposal, UnaryOperator<VersionedRecord> change) {
    return new Standing.Proposal(
        proposal.request(),
        change.apply(proposal.value()),
        proposal.storedBy(),
        proposal.sentAt(),
        proposal.sendAgainAt());
  }

  private static VoterState mapped(VoterState voter, UnaryOperator<VersionedRecord> change) {
    var accepted = voter.accepted().map(change);
    return accepted.equals(voter.accepted())
        ? voter
        : new VoterState(
            voter.node(),
            voter.store(),
            voter.promised(),
            accepted,
            voter.longestTtlMs(),
            voter.incarnation(),
            voter.reported(),
            voter.fenced(),
            voter.predecessor());
  }

  static Optional<Standing.Leading> leading(ElectionState state) {
    return state.standing() instanceof Standing.Leading it ? Optional.of(it) : Optional.empty();
  }
}
