package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.StoreId;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What must be within a bounded time once nothing fails any more. */
final class Recovery {
  private static final long LOOK_EVERY_US = 100_000;
  private static final long CHANGE_WITHIN_US = 3_000_000;

  private final World world;

  Recovery(World world) {
    this.world = world;
  }

  void awaited() {
    becomesWell("the faults have ended");
    var changeBound = world.time.nowUs() + CHANGE_WITHIN_US;
    while (!changed() && world.time.nowUs() < changeBound) {}
    if (world.time.nowUs() >= changeBound) {
      throw new NotWell("no change is chosen in a well cluster");
    }
    becomesWell("a change");
    if (world.setup.synchronous()) {
      new SyncRecovery(world, this).awaited();
    }
    // Also what was acknowledged long after it was elected.
    leader()
        .flatMap(world.commits::lackedBy)
        .ifPresent(it -> {
          throw new Violation("in the end " + it);
        });
  }

  void becomesWell(String after) {
    var bound = world.time.nowUs() + 4 * world.setup.longTtlMs() * 1000 + 10_000_000;
    awaited(bound - world.time.nowUs(), this::missing)
        .ifPresent(it -> {
          throw new NotWell("not well after %s: %s".formatted(after, it));
        });
  }

  /** Asks the leader for a change, again and again: messages from before may still disturb it. */
  private boolean changed() {
    var change = new RecordChange.Configure(Map.of("n", world.nextId()), world.setup.ttlMs());
    var id = leader().map(it -> it.agent.propose(change));
    world.time.runUntil(world.time.nowUs() + LOOK_EVERY_US, world.referee::check);
    return id.flatMap(world.referee::verdict)
        .filter(Effect.Verdict.Chosen.class::isInstance)
        .isPresent();
  }

  /** Empty once nothing is missing; else what is missing after {@code withinUs}. */
  Optional<String> awaited(long withinUs, Supplier<Optional<String>> looked) {
    var boundUs = world.time.nowUs() + withinUs;
    var missing = looked.get();
    while (missing.isPresent() && world.time.nowUs() < boundUs) {
      world.time.runUntil(world.time.nowUs() + LOOK_EVERY_US, world.referee::check);
      missing = looked.get();
    }
    return missing;
  }

  Optional<Host> leader() {
    return world.hosts().stream().filter(it -> it.lease().isPresent()).findFirst();
  }

  private Optional<String> missing() {
    var leader = leader();
    if (leader.isEmpty()) {
      return Optional.of("no leader");
    }
    if (!(leader.get().agent.view() instanceof LeaseView.Mine mine)
        || !(leader.get().agent.state.standing() instanceof Standing.Leading leading)) {
      return Optional.of("the leader stands again");
    }
    var record = mine.record();
    var postgres = leader.get().postgres;
    if (postgres.phase != Postgres.Phase.PRIMARY
        || postgres.stopping
        || postgres.timeline() != record.timeline()) {
      return Optional.of("the leader's PostgreSQL is " + postgres.phase);
    }
    for (var host : world.hosts()) {
      if (!host.agent.up) {
        return Optional.of(host.id + " is not up yet");
      }
      if (!host.disk.version().equals(leading.chosen().version())) {
        return Optional.of(host.id + " lacks the record");
      }
      if (!host.disk.store().equals(record.voters().stores().get(host.id))) {
        return Optional.of(host.id + " has no vote");
      }
    }
    if (record.voters().stores().containsValue(StoreId.UNKNOWN)) {
      return Optional.of("an unknown voter");
    }
    if (record.outgoing().isPresent()) {
      return Optional.of("voters before a change still count");
    }
    return record.systemIdentifier().isEmpty()
        ? Optional.of("no system identifier")
        : world.hosts().stream()
            .filter(it -> it != leader.get() && !follows(it, leader.get()))
            .findFirst()
            .map(it -> it.id + " does not follow");
  }

  /** Data of another cluster are left alone. */
  static boolean follows(Host host, Host leader) {
    var its = host.postgres.wal.map(Wal::systemIdentifier);
    var foreign = its.isPresent() && !its.equals(leader.postgres.wal.map(Wal::systemIdentifier));
    return host.witness
        || foreign
        || (host.postgres.phase == Postgres.Phase.STANDBY
            && host.postgres.timeline() == leader.postgres.timeline()
            && host.postgres.replication.upstream.equals(Optional.of(leader)));
  }
}
