package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.util.Optional;

/** What the operator asks of synchronous replication; in some worlds another thing every while. */
final class SyncWish {
  private static final long CHANGED_EVERY_US = 8_000_000;

  private final World world;
  private final Optional<SyncPolicy> first;
  private Optional<SyncPolicy> policy;

  SyncWish(World world, Optional<SyncPolicy> first) {
    this.world = world;
    this.first = first;
    policy = first;
  }

  void begin() {
    if (first.isPresent() && world.setup.modeChanges()) {
      changeLater();
    }
  }

  private void changeLater() {
    world.time.after(
        world.dice.exponential(CHANGED_EVERY_US),
        () -> {
          if (world.hostile) {
            var off = world.dice.hits(0.2);
            policy = Optional.of(off ? SyncPolicy.ASYNCHRONOUS : Surroundings.policy(world.dice));
            world.marks.reached(Mark.SYNCHRONOUS_POLICY_CHANGED);
            world.trace.note(world.members().first(), () -> "*** the operator asks for " + policy);
            changeLater();
          }
        });
  }

  /** An operator asks for something else. */
  void asks(SyncPolicy wanted) {
    policy = Optional.of(wanted);
  }

  /** Absent: there is no planner. */
  Optional<SyncPolicy> policy() {
    return policy;
  }

  /** Whether it was always asked for that no commit is on one node alone. */
  boolean wasAlwaysStrict() {
    return first.filter(SyncPolicy::strict).isPresent() && !world.setup.modeChanges();
  }

  /**
   * What a planner may make of a set before it sees that one of the members is lost: it waits for
   * none that are away, as long as two copies remain.
   */
  SyncSet leastOf(SyncSet set) {
    var copies = policy.isPresent() ? 2 : set.copies();
    return copies < set.copies() ? new SyncSet(set.members(), copies) : set;
  }

  /** Whether commits are acknowledged by somebody beside the leader. */
  boolean isSynchronous() {
    return policy.map(it -> it.mode() != SyncMode.OFF).orElse(world.setup.synchronous());
  }
}
