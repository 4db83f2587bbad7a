package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Grant;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.VoterState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The machine with one rule switched off, from outside: what goes in and what comes out. */
final class MutantRules implements Rules {
  private static final int NUMBERS = 3;

  private final ElectionMachine machine;
  private final Mutation mutation;

  MutantRules(ElectionMachine machine, Mutation mutation) {
    this.machine = machine;
    this.mutation = mutation;
  }

  @Override
  public ElectionState booted(VoterState stored, Duration now) {
    var state = machine.booted(stored, now);
    return switch (mutation) {
      case NO_SILENCE_AFTER_RESTART -> MutantState.with(state, state.grant(), now);
      case SILENCE_OF_THE_PRESENT_TTL -> {
        var ttlMs = stored.record().map(it -> it.ttlMs()).orElse(0L);
        yield MutantState.with(state, state.grant(), now.plusMillis(ttlMs));
      }
      default -> state;
    };
  }

  @Override
  public LeaseView view(ElectionState state, Duration now) {
    var view = machine.view(state, now);
    return mutation == Mutation.STANDS_AGAIN_ON_AN_UNCHOSEN_RECORD
            && view instanceof LeaseView.Mine(var ballot, var until, _)
            && !(state.standing() instanceof Standing.Leading)
        ? new LeaseView.Mine(ballot, until, state.voter().record().orElseThrow())
        : view;
  }

  @Override
  public Orders orders(ElectionState state, Duration now) {
    var orders = machine.orders(state, now);
    return mutation == Mutation.BETTER_WAL_NOT_FETCHED
        ? new Orders(orders.fenceFor(), Optional.empty(), orders.incarnation())
        : orders;
  }

  @Override
  public Step step(ElectionState state, Input input) {
    return switch (input) {
      case Input.Received(_, ElectionMessage.Refused refused, _)
          when mutation == Mutation.DOES_NOT_STAND_AGAIN
              && state.standing() instanceof Standing.Leading
              && refused.retryAfterMs() == 0 ->
          new Step(state, Optional.empty(), List.of());
      case Input.Received(var now, var message, var jitter) ->
          received(state, now, message, jitter);
      case Input.LocalChanged(var now, var local)
          when mutation == Mutation.FENCE_OF_ANOTHER_BALLOT -> {
        var wanted = state.fencing().map(it -> it.ballot()).orElse(state.voter().promised());
        var other = new Input.LocalChanged(now, MutantVoter.fencedFor(local, wanted));
        yield after(state, other, machine.step(before(state, other), other));
      }
      case Input.Tick _,
          Input.LocalChanged _,
          Input.Propose _,
          Input.Force _,
          Input.GiveUp _,
          Input.Resign _ ->
          after(state, input, machine.step(before(state, input), input));
    };
  }

  private Step received(
      ElectionState state, Duration now, ElectionMessage message, Duration jitter) {
    var input = new Input.Received(now, heard(state, message), jitter);
    var fed = before(state, input);
    var step = after(state, input, machine.step(fed, input));
    return mutation == Mutation.LEASE_FROM_A_MINORITY
            && message instanceof ElectionMessage.Granted granted
        ? alsoFromTheOthers(step, input, granted)
        : step;
  }

  /** What the machine is told in place of {@code message}. */
  private ElectionMessage heard(ElectionState state, ElectionMessage message) {
    return switch (message) {
      case ElectionMessage.Promise it
          when mutation == Mutation.OWN_RECORD_ADOPTED && state.voter().accepted().isPresent() ->
          MutantPromise.telling(it, state.voter().accepted());
      case ElectionMessage.Promise it
          when mutation == Mutation.READ_QUORUM_ONE_SMALLER
              || mutation == Mutation.BETTER_WAL_IGNORED
              || mutation == Mutation.PROMISE_WITHOUT_A_FENCE
              || mutation == Mutation.GOES_ON_DESPITE_ANOTHER_ELECTION
              || mutation == Mutation.OLDER_TIMELINES_IGNORED
              || mutation == Mutation.INCARNATION_IGNORED ->
          MutantPromise.of(it, state, mutation);
      case ElectionMessage.Opinion it when mutation == Mutation.FOUNDED_BESIDE_DATA ->
          MutantCandidate.withoutData(it);
      case ElectionMessage.Beat it when mutation == Mutation.LONGER_TTL_BEFORE_CHOSEN -> {
        var ttlMs = state.voter().record().map(record -> record.ttlMs()).orElse(it.ttlMs());
        yield new ElectionMessage.Beat(
            it.from(),
            it.version(),
            it.number(),
            Math.min(ttlMs, it.ttlMs()),
            it.position(),
            it.primary());
      }
      case ElectionMessage.Granted it when mutation == Mutation.BEAT_NUMBERS_REPEAT -> {
        var sent = MutantState.leading(state).map(leading -> leading.beats().keySet());
        var number =
            sent.stream()
                .flatMap(numbers -> numbers.stream())
                .filter(n -> repeated(n) == it.number())
                .reduce((_, last) -> last);
        yield new ElectionMessage.Granted(
            it.from(), it.store(), it.ballot(), number.orElse(it.number()), it.version());
      }
      default -> message;
    };
  }

  private static long repeated(long number) {
    return number % NUMBERS + 1;
  }

  private ElectionState before(ElectionState state, Input input) {
    return switch (mutation) {
      case PROMISES_DESPITE_ITS_GRANT ->
          MutantState.with(state, new Grant(state.grant().holder(), input.now()), input.now());
      case ACCEPTS_AN_OLDER_BALLOT,
          GRANTS_DESPITE_A_NEWER_PROMISE,
          TERM_PROMISED_TWICE,
          FENCE_OF_ANOTHER_BALLOT,
          FENCE_THAT_WAS_TAKEN_BACK,
          SHORTER_WAL_KEEPS_ITS_NAME ->
          MutantVoter.before(mutation, state, input);
      case PROMISE_WITHOUT_A_FENCE, PROMOTED_UNDER_A_NEWER_PROMISE ->
          MutantCandidate.before(mutation, state);
      default -> state;
    };
  }

  private Step after(ElectionState state, Input input, Step step) {
    return switch (mutation) {
      case ACCEPTS_AN_OLDER_BALLOT, GRANTS_DESPITE_A_NEWER_PROMISE, TERM_PROMISED_TWICE ->
          MutantVoter.promiseKept(state, step);
      case PROMOTED_UNDER_A_NEWER_PROMISE ->
          MutantCandidate.standsOn(state, MutantVoter.promiseKept(state, step));
      case WINNER_DOES_NOT_JOIN -> MutantCandidate.staysOutside(state, input, step);
      case OUTGOING_VOTERS_NOT_ASKED -> MutantState.mapped(step, MutantRules::ofNewVotersAlone);
      case PROMISE_NOT_SAVED -> {
        var onlyPromise = step.state().voter().accepted().equals(state.voter().accepted());
        yield onlyPromise ? new Step(step.state(), Optional.empty(), step.effects()) : step;
      }
      case NO_GRANT_ON_ACCEPT -> {
        var accept = input instanceof Input.Received(_, ElectionMessage.Accept _, _);
        var grant = accept ? state.grant() : step.state().grant();
        yield MutantState.with(
            step, MutantState.with(step.state(), grant, step.state().silentUntil()));
      }
      case LEASE_FROM_THE_ANSWER -> leaseFromNow(state, input.now(), step);
      case LONGER_TTL_BEFORE_CHOSEN -> longerAtOnce(step);
      case BEAT_NUMBERS_REPEAT -> numbersRepeat(step);
      case TIMELINE_FROM_OWN_DATA -> ownTimeline(state, step);
      default -> step;
    };
  }

  private static VersionedRecord ofNewVotersAlone(VersionedRecord it) {
    var record = it.record().withVoters(it.record().voters(), Optional.empty());
    return new VersionedRecord(it.version(), record);
  }

  private Step alsoFromTheOthers(Step first, Input.Received input, ElectionMessage.Granted it) {
    var step = first;
    var effects = new ArrayList<>(first.effects());
    var voters = MutantState.leading(first.state()).map(leading -> leading.chosen().record());
    if (voters.isEmpty()) {
      return first;
    }
    for (var voter : voters.get().voters().stores().entrySet()) {
      var forged =
          new ElectionMessage.Granted(
              voter.getKey(), voter.getValue(), it.ballot(), it.number(), it.version());
      step = machine.step(step.state(), new Input.Received(input.now(), forged, input.jitter()));
      effects.addAll(step.effects());
    }
    return new Step(step.state(), step.save().or(first::save), effects);
  }

  private Step leaseFromNow(ElectionState before, Duration now, Step step) {
    var leading = MutantState.leading(step.state());
    var was = MutantState.leading(before).map(Standing.Leading::lease);
    if (leading.isEmpty() || was.equals(leading.map(Standing.Leading::lease))) {
      return step;
    }
    var it = leading.get();
    var until = now.plus(machine.timing().lease(it.chosen().record().ttlMs()));
    var lease = new Standing.Lease(it.lease().ballot(), until);
    var standing = MutantState.leading(it, it.chosen(), lease);
    return MutantState.with(step, MutantState.with(step.state(), step.state().voter(), standing));
  }

  private static Step longerAtOnce(Step step) {
    var leading = MutantState.leading(step.state());
    var proposed =
        leading.flatMap(Standing.Leading::proposal).map(it -> it.value().record().ttlMs());
    if (proposed.isEmpty() || proposed.get() <= leading.get().chosen().record().ttlMs()) {
      return step;
    }
    var chosen = leading.get().chosen();
    var longer = chosen.record().withConfig(chosen.record().config(), proposed.get());
    var standing =
        MutantState.leading(
            leading.get(), new VersionedRecord(chosen.version(), longer), leading.get().lease());
    return MutantState.with(step, MutantState.with(step.state(), step.state().voter(), standing));
  }

  private static Step numbersRepeat(Step step) {
    var effects =
        step.effects().stream()
            .map(it ->
                it instanceof Effect.Send(var to, ElectionMessage.Beat beat)
                    ? new Effect.Send(to, repeated(beat))
                    : it)
            .toList();
    return new Step(step.state(), step.save(), effects);
  }

  private static ElectionMessage.Beat repeated(ElectionMessage.Beat beat) {
    return new ElectionMessage.Beat(
        beat.from(),
        beat.version(),
        repeated(beat.number()),
        beat.ttlMs(),
        beat.position(),
        beat.primary());
  }

  /** PostgreSQL's own rule: the newest timeline of the own data, plus one. */
  private static Step ownTimeline(ElectionState before, Step step) {
    if (!(step.state().standing() instanceof Standing.Accepting accepting)
        || before.standing() instanceof Standing.Accepting
        || before.local().primaryOn().isPresent()
        || before.local().position().isEmpty()
        || accepting.purpose() instanceof Standing.Purpose.Care) {
      return step;
    }
    var version = accepting.proposal().value().version();
    var timeline = before.local().position().get().timeline() + 1;
    return MutantState.mapped(
        step,
        it ->
            it.version().equals(version)
                ? new VersionedRecord(
                    version,
                    it.record().ledBy(it.record().term(), version.ballot().candidate(), timeline))
                : it);
  }
}
