package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.model.Steady;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A cluster of three in memory that founds itself, hands over, and loses its leader.
 *
 * <p>Code that has never run is slow: its classes are initialised, its switches and lambdas linked,
 * and then it is interpreted. An agent elects so rarely that without a rehearsal its first election
 * would always be its slowest, and clients wait for it. Nothing outside is touched.
 */
public final class Rehearsal {
  private static final Duration TICK = Duration.ofMillis(25);

  /** Enough for some beats. */
  private static final int TICKS_MIN = 12;

  private static final int TICKS_MAX = 400;
  private static final long TTL_MS = 2_000;
  private static final String DATABASE = "rehearsal";

  private final UnaryOperator<ElectionMessage> wire;
  private final SortedMap<NodeId, Actor> actors = new TreeMap<>();
  private final Deque<Effect.Send> mail = new ArrayDeque<>();
  private Duration now = Duration.ofMinutes(1);

  /** What a primary's commits wait for. */
  private Optional<SyncSet> setting = Optional.empty();

  private long proposals;

  /** One part; what it holds of PostgreSQL is what its machine makes of it. */
  private static final class Actor {
    final ElectionMachine machine;
    final Duration jitter;
    ElectionState state;
    Position position = new Position(1, new Lsn(1_000));
    boolean down;

    Actor(ElectionMachine machine, Duration jitter, ElectionState state) {
      this.machine = machine;
      this.jitter = jitter;
      this.state = state;
    }
  }

  private Rehearsal(UnaryOperator<ElectionMessage> wire) {
    this.wire = wire;
    var nodes = new TreeSet<NodeId>();
    for (var name : new String[] {"a", "b", "c"}) {
      nodes.add(new NodeId(name));
    }
    for (var node : nodes) {
      var machine =
          new ElectionMachine(
              node, nodes, ElectionTiming.DEFAULT, new Founding(TTL_MS, Map.of("ttl", 2)));
      var voter = VoterState.fresh(node, new StoreId("store-" + node), 1);
      var jitter = TICK.multipliedBy(actors.size());
      actors.put(node, new Actor(machine, jitter, machine.booted(voter, now)));
    }
  }

  /**
   * Plays it, in a fraction of a second.
   *
   * @param wire what a message becomes on its way to another node
   * @return the term at the end, after three elections
   * @throws IllegalStateException if a scene does not come to its end, which is a bug
   */
  public static long play(UnaryOperator<ElectionMessage> wire) {
    return new Rehearsal(wire).play();
  }

  private long play() {
    until("founding", () -> leader().isPresent());
    propose(new RecordChange.Identify(DATABASE), record -> record.systemIdentifier().isPresent());
    synchronise(2);
    var first = leader().orElseThrow();
    handOver(first);
    until("a hand-over", () -> leader().filter(it -> !it.equals(first)).isPresent());
    var second = leader().orElseThrow();
    actor(second).down = true;
    until("a fail-over", () -> leader().filter(it -> !it.equals(second)).isPresent());
    actor(second).down = false;
    var third = leader().orElseThrow();
    until("the return", () -> record(actor(second)).leader().equals(Optional.of(third)));
    return record(actor(third)).term();
  }

  /** What asks for more copies is in force before the record says so. */
  private void synchronise(int copies) {
    var members = actors.keySet().stream().map(it -> new Incarnation(it, 1)).toList();
    setting = Optional.of(new SyncSet(Steady.set(members), copies));
    until("a setting", () -> true);
    propose(new RecordChange.Synchronise(setting), record -> record.sync().isPresent());
  }

  private void handOver(NodeId from) {
    var actor = actor(from);
    var nobody = replication(Optional.empty(), Optional.empty(), Set.of(), Optional.empty());
    step(actor, new Input.LocalChanged(now, local(actor, Optional.empty(), nobody)));
    var to = actors.keySet().stream().filter(it -> !it.equals(from)).findFirst();
    step(
        actor,
        new Input.GiveUp(
            now, to, Optional.of(actor.position), Optional.of("a rehearsal"), Duration.ZERO));
  }

  private void propose(RecordChange change, Predicate<ClusterRecord> made) {
    var leader = actor(leader().orElseThrow());
    step(leader, new Input.Propose(now, ++proposals, change));
    until("a change", () -> made.test(record(leader)));
  }

  private void until(String what, BooleanSupplier reached) {
    for (var ticks = 0; ticks < TICKS_MIN || !reached.getAsBoolean(); ticks++) {
      if (ticks == TICKS_MAX) {
        throw new IllegalStateException("the rehearsal of %s does not end".formatted(what));
      }
      now = now.plus(TICK);
      for (var actor : actors.values()) {
        if (!actor.down) {
          look(actor);
          step(actor, new Input.Tick(now, actor.jitter));
        }
      }
    }
  }

  /** PostgreSQL does at once what it is told. */
  private void look(Actor actor) {
    var local = local(actor);
    if (!local.equals(actor.state.local())) {
      step(actor, new Input.LocalChanged(now, local));
    }
  }

  private Local local(Actor actor) {
    var outlook = actor.machine.outlook(actor.state, now);
    var fence = outlook.orders().fenceFor();
    return switch (fence.isPresent() ? new LeaseView.Vacant(Optional.empty()) : outlook.lease()) {
      case LeaseView.Mine(_, _, var record) -> {
        actor.position =
            new Position(record.timeline(), new Lsn(actor.position.lsn().bytes() + 100));
        yield local(
            actor,
            Optional.of(record.timeline()),
            replication(fence, Optional.empty(), Set.of(setting), setting));
      }
      case LeaseView.Theirs(var leader, var record) -> {
        actor.position = actor(leader).position;
        var source = Optional.of(new Local.Source(leader, record.timeline()));
        yield local(
            actor, Optional.empty(), replication(fence, source, Set.of(), Optional.empty()));
      }
      case LeaseView.Vacant _, LeaseView.Loading _, LeaseView.Mute _ ->
          local(
              actor,
              Optional.empty(),
              replication(fence, Optional.empty(), Set.of(), Optional.empty()));
    };
  }

  private static Local.Replication replication(
      Optional<Ballot> fence,
      Optional<Local.Source> source,
      Set<Optional<SyncSet>> settings,
      Optional<SyncSet> proven) {
    return new Local.Replication(Optional.of(1L), fence, source, false, settings, proven);
  }

  private static Local local(
      Actor actor, Optional<Integer> primaryOn, Local.Replication replication) {
    return new Local(
        true,
        Optional.of(true),
        primaryOn,
        Optional.of(actor.position),
        Optional.of(DATABASE),
        1,
        Long.MAX_VALUE,
        replication);
  }

  private void step(Actor actor, Input input) {
    accept(actor, input);
    while (!mail.isEmpty()) {
      var send = mail.removeFirst();
      var to = actor(send.to());
      if (!to.down) {
        accept(to, new Input.Received(now, wire.apply(send.message()), Duration.ZERO));
      }
    }
  }

  private void accept(Actor actor, Input input) {
    var step = actor.machine.step(actor.state, input);
    actor.state = step.state();
    for (var effect : step.effects()) {
      switch (effect) {
        case Effect.Send send -> mail.addLast(send);
        case Effect.Decided _ -> {} // nobody waits for it
      }
    }
  }

  private Optional<NodeId> leader() {
    return actors.entrySet().stream()
        .filter(it -> !it.getValue().down)
        .filter(
            it -> it.getValue().machine.view(it.getValue().state, now) instanceof LeaseView.Mine)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private Actor actor(NodeId node) {
    return Optional.ofNullable(actors.get(node)).orElseThrow();
  }

  private static ClusterRecord record(Actor actor) {
    return actor.state.voter().record().orElseThrow();
  }
}
