package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Candidacy;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.VersionedRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Optional;

/** A candidate with one rule switched off. */
final class MutantCandidate {
  private MutantCandidate() {}

  static ElectionState before(Mutation mutation, ElectionState state) {
    return switch (state.standing()) {
      case Standing.Preparing it when mutation == Mutation.PROMISE_WITHOUT_A_FENCE ->
          MutantState.with(state, state.voter(), fenced(it));
      case Standing.Accepting it when mutation == Mutation.PROMOTED_UNDER_A_NEWER_PROMISE ->
          MutantVoter.lowered(state, it.proposal().value().version().ballot());
      case Standing.Leading it when mutation == Mutation.PROMOTED_UNDER_A_NEWER_PROMISE ->
          MutantVoter.lowered(state, it.lease().ballot());
      default -> state;
    };
  }

  private static Standing.Preparing fenced(Standing.Preparing it) {
    return new Standing.Preparing(
        it.ballot(), it.purpose(), it.startedAt(), it.promises(), it.askAgainAt(), true, it.held());
  }

  /** It has promised another ballot, and waits for the outcome of its own all the same. */
  static Step standsOn(ElectionState before, Step step) {
    return before.standing() instanceof Standing.Accepting accepting
            && accepting.purpose() instanceof Standing.Purpose.Lead
            && step.state().standing() instanceof Standing.Idle
            && !before.voter().promised().equals(step.state().voter().promised())
            && before.voter().version().equals(step.state().voter().version())
        ? MutantState.with(
            step, MutantState.with(step.state(), step.state().voter(), before.standing()))
        : step;
  }

  /** The record of the winner names the members of the adopted one. */
  static Step staysOutside(ElectionState before, Input input, Step step) {
    if (!(before.standing() instanceof Standing.Preparing preparing)
        || !(step.state().standing() instanceof Standing.Accepting accepting)) {
      return step;
    }
    var proposed = accepting.proposal().value();
    var adopted = adopted(preparing, input).flatMap(it -> it.record().sync());
    return adopted.isPresent() && proposed.record().sync().isPresent()
        ? MutantState.mapped(
            step, it -> it.version().equals(proposed.version()) ? of(it, adopted) : it)
        : step;
  }

  private static VersionedRecord of(VersionedRecord it, Optional<SyncSet> set) {
    return new VersionedRecord(it.version(), it.record().withSync(set));
  }

  private static Optional<VersionedRecord> adopted(Standing.Preparing preparing, Input input) {
    var promises = new ArrayList<>(preparing.promises().values());
    if (input instanceof Input.Received(_, ElectionMessage.Promise promise, _)) {
      promises.add(promise);
    }
    return promises.stream()
        .flatMap(it -> it.accepted().stream())
        .max(Comparator.comparing(VersionedRecord::version));
  }

  /** A promise as the incumbent likes to hear it: nobody was elected since. */
  static ElectionMessage.Promise withoutOtherElections(
      ElectionMessage.Promise it, ElectionState state) {
    var runsOn = state.local().primaryOn();
    var own = state.voter().record().flatMap(ClusterRecord::elected);
    return runsOn.isEmpty() || !own.equals(Optional.of(state.voter().node()))
        ? it
        : MutantPromise.telling(it, it.accepted().map(value -> ofMine(value, state, runsOn.get())));
  }

  private static VersionedRecord ofMine(VersionedRecord it, ElectionState state, int timeline) {
    var record = it.record().ledBy(it.record().term(), state.voter().node(), timeline);
    return new VersionedRecord(it.version(), record);
  }

  static ElectionMessage.Opinion withoutData(ElectionMessage.Opinion it) {
    var standing = it.standing();
    var blind =
        new Candidacy(
            standing.node(),
            standing.able(),
            Optional.of(false),
            standing.primary(),
            standing.position(),
            standing.priority(),
            standing.receives());
    return new ElectionMessage.Opinion(it.from(), it.round(), it.lost(), it.highestTerm(), blind);
  }
}
