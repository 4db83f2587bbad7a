package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.VoterState;
import java.util.Optional;

/** What a voter with one rule switched off takes for its own state. */
final class MutantVoter {
  private MutantVoter() {}

  static ElectionState before(Mutation mutation, ElectionState state, Input input) {
    var promised = state.voter().promised();
    return switch (mutation) {
      case ACCEPTS_AN_OLDER_BALLOT ->
          input instanceof Input.Received(_, ElectionMessage.Accept(var value), _)
              ? lowered(state, value.version().ballot())
              : state;
      case GRANTS_DESPITE_A_NEWER_PROMISE ->
          input instanceof Input.Received(_, ElectionMessage.Beat beat, _)
              ? lowered(state, beat.version().ballot())
              : state;
      case TERM_PROMISED_TWICE ->
          asked(state, input)
              .filter(it -> it.term() == promised.term() && it.isAbove(promised))
              .map(it -> lowered(state, new Ballot(it.term() - 1, it.candidate(), it.store())))
              .orElse(state);
      case FENCE_OF_ANOTHER_BALLOT ->
          asked(state, input)
              .map(it -> fencedFor(state.local(), it))
              .map(it -> MutantState.with(state, it, state.unfencedTerm()))
              .orElse(state);
      case FENCE_THAT_WAS_TAKEN_BACK -> MutantState.with(state, state.local(), 0);
      case SHORTER_WAL_KEEPS_ITS_NAME ->
          MutantState.with(state, nothingReported(state.voter()), state.standing());
      default -> state;
    };
  }

  /** The ballot that is to be promised now. */
  private static Optional<Ballot> asked(ElectionState state, Input input) {
    return input instanceof Input.Received(_, ElectionMessage.Prepare prepare, _)
        ? Optional.of(prepare.ballot())
        : state
            .fencing()
            .map(ElectionState.Fencing::ballot)
            .filter(_ -> input instanceof Input.LocalChanged);
  }

  /** As if no ballot above this one had been promised. */
  static ElectionState lowered(ElectionState state, Ballot ballot) {
    return state.voter().promised().isAbove(ballot) ? MutantState.promised(state, ballot) : state;
  }

  /** The promise itself does not go back. */
  static Step promiseKept(ElectionState before, Step step) {
    var promised = before.voter().promised();
    return promised.isAbove(step.state().voter().promised())
        ? MutantState.promised(step, promised)
        : step;
  }

  /** Some fence is taken for that of {@code ballot}. */
  static Local fencedFor(Local local, Ballot ballot) {
    var it = local.replication();
    return new Local(
        local.able(),
        local.hasData(),
        local.primaryOn(),
        local.position(),
        local.systemIdentifier(),
        local.priority(),
        local.lagMaxBytes(),
        new Local.Replication(
            it.incarnation(),
            it.fencedFor().map(_ -> ballot),
            it.streamsFrom(),
            it.receives(),
            it.settings(),
            it.proven()));
  }

  private static VoterState nothingReported(VoterState it) {
    return new VoterState(
        it.node(),
        it.store(),
        it.promised(),
        it.accepted(),
        it.longestTtlMs(),
        it.incarnation(),
        Optional.empty(),
        it.fenced(),
        it.predecessor());
  }
}
