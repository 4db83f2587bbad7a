package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/** The machine, with what goes in or comes out changed as a broken rule would. */
final class Flawed {
  private final Flaw flaw;

  Flawed(Flaw flaw) {
    this.flaw = flaw;
  }

  Step step(ElectionMachine machine, ElectionState state, Input input) {
    return switch (flaw) {
      case PROMISE_NOT_SAVED -> {
        var step = machine.step(state, input);
        var kept = step.state().voter().accepted().equals(state.voter().accepted());
        yield kept ? new Step(step.state(), Optional.empty(), step.effects()) : step;
      }
      case ACCEPTS_AN_OLDER_BALLOT -> acceptsOlder(machine, state, input);
      case OWN_RECORD_ADOPTED, MISSING_POSITION_COUNTS, INCARNATION_IGNORED ->
          machine.step(state, heard(state, input));
      case JOINT_QUORUM_IGNORED -> withoutOutgoing(machine.step(state, input));
      case NONE,
          STREAM_NOT_STOPPED,
          PRIMARY_NOT_STOPPED,
          SETTING_BEFORE_RECORD,
          RECORD_BEFORE_SETTING,
          CATCH_UP_SKIPPED,
          PROMOTED_BEFORE_ITS_SETTING,
          LOST_STORE_KEEPS_ITS_DATA,
          FOLLOWED_BEFORE_NUMBERED,
          FETCHED_UNDER_A_NEWER_PROMISE ->
          machine.step(state, input);
    };
  }

  private Input heard(ElectionState state, Input input) {
    if (!(input instanceof Input.Received(var now, ElectionMessage.Promise it, var jitter))) {
      return input;
    }
    var own = flaw == Flaw.OWN_RECORD_ADOPTED;
    var position =
        flaw == Flaw.MISSING_POSITION_COUNTS
            ? it.position().or(() -> Optional.of(new Position(1, Lsn.ZERO)))
            : it.position();
    var incarnation =
        flaw == Flaw.INCARNATION_IGNORED
            ? new Incarnation(it.from(), Scene.FIRST)
            : it.incarnation();
    var promise =
        new ElectionMessage.Promise(
            it.from(),
            it.store(),
            it.ballot(),
            incarnation,
            own ? state.voter().accepted() : it.accepted(),
            position,
            it.able(),
            it.fenced(),
            it.forgetful());
    return new Input.Received(now, promise, jitter);
  }

  private static Step acceptsOlder(ElectionMachine machine, ElectionState state, Input input) {
    if (!(input instanceof Input.Received(_, ElectionMessage.Accept(var value), _))
        || !state.voter().promised().isAbove(value.version().ballot())) {
      return machine.step(state, input);
    }
    var forgetful = state.voter().promising(value.version().ballot());
    return machine.step(Normal.with(state, forgetful, state.standing()), input);
  }

  // --- the list of voters -----------------------------------------------------------------------

  private static Step withoutOutgoing(Step step) {
    var state = step.state();
    var standing =
        state.standing() instanceof Standing.Leading it
            ? new Standing.Leading(
                it.chosen(),
                it.lease(),
                it.beats(),
                it.nextNumber(),
                it.nextBeatAt(),
                it.proposal().map(Flawed::withoutOutgoing),
                it.queue())
            : state.standing();
    var effects =
        step.effects().stream()
            .map(it ->
                it instanceof Effect.Send(var to, ElectionMessage.Accept(var value))
                    ? new Effect.Send(to, new ElectionMessage.Accept(withoutOutgoing(value)))
                    : it)
            .toList();
    return new Step(
        Normal.with(state, withoutOutgoing(state.voter()), standing),
        step.save().map(Flawed::withoutOutgoing),
        effects);
  }

  private static Standing.Proposal withoutOutgoing(Standing.Proposal it) {
    return new Standing.Proposal(
        it.request(), withoutOutgoing(it.value()), it.storedBy(), it.sentAt(), it.sendAgainAt());
  }

  private static VoterState withoutOutgoing(VoterState voter) {
    return voter.record().filter(it -> it.outgoing().isPresent()).isPresent()
        ? voter.accepting(withoutOutgoing(voter.accepted().orElseThrow()))
        : voter;
  }

  private static VersionedRecord withoutOutgoing(VersionedRecord it) {
    return new VersionedRecord(
        it.version(), it.record().withVoters(it.record().voters(), Optional.empty()));
  }
}
