package dev.matriarch.protocol.election.sim;

import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.StoreId;
import java.util.Map;
import java.util.Optional;

/** What must be within a bounded time once nothing fails any more. */
final class Recovery {
  private static final long LOOK_EVERY_US = 100_000;
  private static final long CHANGE_WITHIN_US = 3_000_000;

  private final World world;

  Recovery(World world) {
    this.world = world;
  }

  void awaited() {
    var bound = world.time.nowUs() + 4 * world.setup.longTtlMs() * 1000 + 10_000_000;
    var missing = await(bound);
    if (missing.isPresent()) {
      throw new Violation("not well after the faults have ended: " + missing.get());
    }
    var leader = leader().orElseThrow();
    var change =
        leader.agent.propose(
            new RecordChange.Configure(Map.of("n", world.nextId()), world.setup.ttlMs()));
    var changeBound = world.time.nowUs() + CHANGE_WITHIN_US;
    while (world.referee.verdict(change).isEmpty() && world.time.nowUs() < changeBound) {
      world.time.runUntil(world.time.nowUs() + LOOK_EVERY_US, world.referee::check);
    }
    var verdict = world.referee.verdict(change);
    if (!(verdict.isPresent() && verdict.get() instanceof Effect.Verdict.Chosen)) {
      throw new Violation("a change by the leader is " + verdict + " in a well cluster");
    }
    await(changeBound + CHANGE_WITHIN_US)
        .ifPresent(it -> {
          throw new Violation("not well after a change: " + it);
        });
  }

  /** Empty once all is well; else what is missing at {@code boundUs}. */
  private Optional<String> await(long boundUs) {
    var missing = missing();
    while (missing.isPresent() && world.time.nowUs() < boundUs) {
      world.time.runUntil(world.time.nowUs() + LOOK_EVERY_US, world.referee::check);
      missing = missing();
    }
    return missing;
  }

  private Optional<Host> leader() {
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
    if (postgres.phase != Postgres.Phase.PRIMARY || postgres.timeline() != record.timeline()) {
      return Optional.of("the leader's PostgreSQL is " + postgres.phase);
    }
    for (var host : world.hosts()) {
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
        : Optional.empty();
  }
}
