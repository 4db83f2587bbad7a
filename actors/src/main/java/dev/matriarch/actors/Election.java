package dev.matriarch.actors;

import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.persistence.VoterStore;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.Outlook;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.report.ElectionClock;
import dev.matriarch.protocol.report.Failover;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;

/**
 * Runs an {@link ElectionMachine}: makes inputs of mail and timers, saves, then performs effects.
 *
 * <p>It decides nothing. An {@code if} about terms or leaders belongs in the machine.
 */
public final class Election {
  /** Pekko's own scheduler turns as often. */
  private static final Duration TICK_EVERY = Duration.ofMillis(25);

  private static final int STASH_MAX = 1_000;

  /** The rest of the room is for this node's own mail, which nobody sends again. */
  private static final int DELIVERIES_MAX = 900;

  /** What this actor reacts to; the private commands are its notes to itself. */
  public sealed interface Command {}

  /** From another agent's election. */
  public record Deliver(ElectionMessage message) implements Command, WireMessage {}

  /** The local PostgreSQL has changed. */
  public record Tell(Local local) implements Command {}

  /** Change the cluster record. */
  public record Change(RecordChange change, ActorRef<Effect.Verdict> replyTo) implements Command {}

  /**
   * Give the lease up; PostgreSQL has stopped.
   *
   * @param upTo the end of its WAL, after an orderly shutdown
   * @param because what made this node go, for the history; empty: nothing wrong
   */
  public record GiveUp(
      Optional<NodeId> successor, Optional<Position> upTo, Optional<String> because)
      implements Command {}

  /** Let the lease run out; PostgreSQL cannot be ended. */
  public record Resign() implements Command {}

  /**
   * Make this node the leader, whatever commits are lost by it; only while nobody leads.
   *
   * @param reason for the history
   */
  public record Force(String reason) implements Command {}

  private record Wake() implements Command {}

  private record Stored(VoterStore.Reply reply) implements Command {}

  private final ActorContext<Command> context;
  private final StashBuffer<Command> stash;
  private final ActorRef<VoterStore.Command> store;
  private final ActorRef<VoterStore.Reply> stored;
  private final ActorRef<Outlook> watcher;
  private final ActorRef<Failover> winnings;
  private final Peers<Command> peers;
  private final Map<Long, ActorRef<Effect.Verdict>> asked = new HashMap<>();
  private ElectionMachine machine;
  private Optional<Outlook> shown = Optional.empty();
  private long nextId = 1;
  private boolean warned;
  private ElectionClock clock = ElectionClock.started(now());

  private Election(
      ActorContext<Command> context,
      StashBuffer<Command> stash,
      ElectionMachine machine,
      ActorRef<VoterStore.Command> store,
      Peers<Command> peers,
      ActorRef<Outlook> watcher,
      ActorRef<Failover> winnings) {
    this.context = context;
    this.stash = stash;
    this.machine = machine;
    this.store = store;
    this.peers = peers;
    this.watcher = watcher;
    this.winnings = winnings;
    stored = context.messageAdapter(VoterStore.Reply.class, Stored::new);
  }

  /**
   * An election for one agent.
   *
   * @param watcher is told whenever something changes, a renewal of the own lease included
   * @param winnings is told of each fail-over that this node wins, before the watcher is
   */
  static Behavior<Command> create(
      ElectionMachine machine,
      ActorRef<VoterStore.Command> store,
      Peers<Command> peers,
      ActorRef<Outlook> watcher,
      ActorRef<Failover> winnings) {
    return Behaviors.withStash(
        STASH_MAX,
        stash ->
            Behaviors.setup(context -> {
              var election = new Election(context, stash, machine, store, peers, watcher, winnings);
              store.tell(new VoterStore.Load(election.stored));
              return election.loading();
            }));
  }

  private Behavior<Command> loading() {
    return Behaviors.receiveMessage(command ->
        switch (command) {
          case Stored(VoterStore.Loaded(var state)) -> loaded(state);
          case Stored(VoterStore.Broken(var reason)) -> silent(reason);
          case Stored(VoterStore.Saved _), Wake _ -> Behaviors.same();
          case Deliver _ -> Behaviors.same();
          case Tell _, Change _, GiveUp _, Resign _, Force _ -> keep(command);
        });
  }

  private Behavior<Command> loaded(VoterState state) {
    context
        .getLog()
        .info(
            "voter state loaded: promised {}, record {}, term {}",
            state.promised(),
            state.version(),
            state.record().map(it -> it.term()).orElse(0L));
    return Behaviors.withTimers(timers -> {
      timers.startTimerAtFixedRate(new Wake(), TICK_EVERY);
      var booted = machine.booted(state, now());
      retime(booted);
      show(booted);
      return stash.unstashAll(ready(booted));
    });
  }

  private Behavior<Command> ready(ElectionState state) {
    return Behaviors.receiveMessage(command ->
        switch (command) {
          case Deliver(var message) -> take(state, new Input.Received(now(), message, jitter()));
          case Wake() -> take(state, new Input.Tick(now(), jitter()));
          case Tell(var local) -> {
            warnOnce(state);
            yield take(state, new Input.LocalChanged(now(), local));
          }
          case Change(var change, var replyTo) -> {
            var id = nextId++;
            asked.put(id, replyTo);
            yield take(state, new Input.Propose(now(), id, change));
          }
          case GiveUp(var successor, var upTo, var because) ->
              take(state, new Input.GiveUp(now(), successor, upTo, because, jitter()));
          case Resign() -> take(state, new Input.Resign(now()));
          case Force(var reason) -> take(state, new Input.Force(now(), reason));
          case Stored(var reply) -> throw new IllegalStateException("not saving: " + reply);
        });
  }

  private void warnOnce(ElectionState state) {
    if (!warned && machine.isForgetful(state)) {
      warned = true;
      context
          .getLog()
          .warn(
              "the voter file has no record, but the data directory belongs to a cluster (it has"
                  + " the number of an earlier voter file): this node waits for that cluster's"
                  + " leader, and founds a new cluster only together with all members");
    }
  }

  private Behavior<Command> take(ElectionState before, Input input) {
    var step = machine.step(before, input);
    clock = clock.seen(before, step.state(), machine.view(step.state(), input.now()), input.now());
    if (step.save().isEmpty()) {
      return perform(step);
    }
    store.tell(new VoterStore.Save(step.save().get(), stored));
    return saving(step);
  }

  /**
   * Nobody may learn of a promise that is not on disk, so mail waits; what finds no room is lost.
   */
  private Behavior<Command> saving(Step step) {
    return Behaviors.receiveMessage(command ->
        switch (command) {
          case Stored(VoterStore.Saved _) -> stash.unstashAll(perform(step));
          case Stored(VoterStore.Broken(var reason)) -> silent(reason);
          case Stored(VoterStore.Loaded _), Wake _ -> Behaviors.same();
          case Deliver _, Tell _, Change _, GiveUp _, Resign _, Force _ -> keep(command);
        });
  }

  private Behavior<Command> keep(Command command) {
    if (stash.isFull() || (command instanceof Deliver && stash.size() >= DELIVERIES_MAX)) {
      context.getLog().warn("the voter's disk is slow; mail is lost");
    } else {
      stash.stash(command);
    }
    return Behaviors.same();
  }

  private Behavior<Command> perform(Step step) {
    for (var effect : step.effects()) {
      switch (effect) {
        case Effect.Send(var to, var message) ->
            peers.of(to).ifPresent(it -> it.tell(new Deliver(message)));
        case Effect.Decided(var id, var verdict) -> answer(id, verdict);
      }
    }
    if (step.save().isPresent()) {
      retime(step.state());
    }
    clock.won().ifPresent(winnings::tell);
    show(step.state());
    return ready(step.state());
  }

  private void answer(long id, Effect.Verdict verdict) {
    var replyTo = asked.remove(id);
    if (replyTo != null) {
      replyTo.tell(verdict);
    }
  }

  private void show(ElectionState state) {
    var outlook = machine.outlook(state, now());
    if (!shown.equals(Optional.of(outlook))) {
      shown = Optional.of(outlook);
      watcher.tell(outlook);
    }
  }

  /** The record's dynamic configuration sets the clockwork. */
  private void retime(ElectionState state) {
    state
        .voter()
        .record()
        .ifPresent(record -> {
          var dynamic = DynamicSettingsReader.read(record.config()).settings();
          var timing = timing(dynamic.heartbeat(), dynamic.suspicion());
          machine =
              new ElectionMachine(machine.self(), machine.members(), timing, machine.founding());
        });
  }

  static ElectionTiming timing(Duration heartbeat, Duration suspicion) {
    var base = ElectionTiming.DEFAULT;
    return new ElectionTiming(
        heartbeat,
        suspicion,
        base.rankStep(),
        base.roundTimeout(),
        base.fenceTimeout(),
        base.drift());
  }

  /** Neither votes nor leads any more: a voter that could forget its promises must not. */
  private Behavior<Command> silent(String reason) {
    context.getLog().error("this node does not vote any more: {}", reason);
    var refused = new Effect.Verdict.Unknown("the voter's store failed: " + reason);
    asked.values().forEach(it -> it.tell(refused));
    asked.clear();
    var orders = shown.map(Outlook::orders).orElse(Orders.NONE); // a fence outlives the vote
    var known = shown.flatMap(it -> it.lease().known());
    watcher.tell(new Outlook(new LeaseView.Mute(known), orders, Optional.empty(), Set.of(), false));
    return Behaviors.receiveMessage(command -> {
      if (command instanceof Change(_, var replyTo)) {
        replyTo.tell(refused);
      }
      return Behaviors.same();
    });
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }

  private Duration jitter() {
    var most = machine.timing().rankStep().toNanos();
    return Duration.ofNanos(ThreadLocalRandom.current().nextLong(most));
  }
}
