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
    return machine.view(state, now);
  }

  @Override
  public Orders orders(ElectionState state, Duration now) {
    return machine.orders(state, now);
  }

  @Override
  public Step step(ElectionState state, Input input) {
    return input instanceof Input.Received(var now, var message, var jitter)
        ? received(state, now, message, jitter)
        : after(state, input, machine.step(before(state, input), input));
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
          new ElectionMessage.Promise(
              it.from(),
              it.store(),
              it.ballot(),
              it.incarnation(),
              state.voter().accepted(),
              it.position(),
              it.able(),
              it.fenced());
      case ElectionMessage.Promise it
          when mutation == Mutation.READ_QUORUM_ONE_SMALLER
              || mutation == Mutation.BETTER_WAL_IGNORED
              || mutation == Mutation.INCARNATION_IGNORED ->
          MutantPromise.of(it, state, mutation);
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
    if (mutation == Mutation.PROMISES_DESPITE_ITS_GRANT) {
      return MutantState.with(state, new Grant(state.grant().holder(), input.now()), input.now());
    }
    if (!(input instanceof Input.Received(_, var message, _))) {
      return state;
    }
    var promised = state.voter().promised();
    return switch (message) {
      case ElectionMessage.Accept(var value)
          when mutation == Mutation.ACCEPTS_AN_OLDER_BALLOT
              && promised.isAbove(value.version().ballot()) ->
          MutantState.promised(state, value.version().ballot());
      default -> state;
    };
  }

  private Step after(ElectionState state, Input input, Step step) {
    return switch (mutation) {
      case ACCEPTS_AN_OLDER_BALLOT -> {
        var promised = state.voter().promised();
        yield promised.isAbove(step.state().voter().promised())
            ? MutantState.promised(step, promised)
            : step;
      }
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
