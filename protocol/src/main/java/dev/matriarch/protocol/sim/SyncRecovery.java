package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.util.List;
import java.util.Optional;

/**
 * What must be in synchronous mode once nothing fails any more: commits are acknowledged, the set
 * is what was asked for, and a member that dies leaves it soon.
 */
final class SyncRecovery {
  private static final long COMMIT_WITHIN_US = 15_000_000;
  private static final long SETTLED_WITHIN_US = 10_000_000;

  /** To put another in the place of a dead member: three changes, each with its report. */
  private static final long LEAVES_WITHIN_US = 1_500_000;

  private static final long AFTERMATH_US = 5_000_000;
  private static final long DEAD_US = 5_000_000;

  private final World world;
  private final Recovery recovery;

  SyncRecovery(World world, Recovery recovery) {
    this.world = world;
    this.recovery = recovery;
  }

  void awaited() {
    // The last of what the faults had set going.
    world.time.runUntil(world.time.nowUs() + AFTERMATH_US, world.referee::check);
    recovery.becomesWell("the aftermath of the faults");
    var policy = world.wish.policy();
    if (policy.isEmpty()) {
      commitsAreAcknowledged();
      return;
    }
    settled(policy.get());
    if (!world.wish.isSynchronous() || isHeld(policy.get())) {
      return;
    }
    commitsAreAcknowledged();
    var victim = record().sync().flatMap(this::otherMember);
    if (victim.isPresent()) {
      deadMemberLeaves(policy.get(), victim.get());
      recovery.becomesWell("a member of the set has died");
      settled(policy.get());
    }
  }

  private void commitsAreAcknowledged() {
    var before = world.commits.count();
    recovery
        .awaited(
            COMMIT_WITHIN_US,
            () ->
                world.commits.count() < before + 3
                    ? Optional.of("no commit is acknowledged")
                    : Optional.empty())
        .ifPresent(it -> {
          throw new NotWell(it + " in a well cluster");
        });
  }

  private void settled(SyncPolicy policy) {
    recovery
        .awaited(SETTLED_WITHIN_US, () -> unsettled(policy))
        .ifPresent(it -> {
          throw new NotWell("the synchronous set does not become what was asked for: " + it);
        });
  }

  private Optional<String> unsettled(SyncPolicy policy) {
    var leader = recovery.leader();
    if (leader.isEmpty()) {
      return Optional.of("no leader");
    }
    var replication = leader.get().postgres.replication;
    var sync = record().sync();
    var inForce =
        replication.inForce.possible().equals(List.of(policy.settingFor(sync)))
            && (policy.mode() != SyncMode.OFF || sync.isEmpty());
    return inForce && isAsAsked(policy, sync)
        ? Optional.empty()
        : Optional.of(
            "%s with %s, and PostgreSQL goes by %s"
                .formatted(policy, sync, replication.inForce.possible()));
  }

  private boolean isAsAsked(SyncPolicy policy, Optional<SyncSet> sync) {
    if (policy.mode() == SyncMode.OFF) {
      return sync.isEmpty();
    }
    var usable = usable();
    var copies = Math.min(policy.nodeCount(), usable.size()) + 1;
    if (usable.isEmpty()) {
      return policy.strict() || sync.filter(it -> it.copies() == 1).isPresent();
    }
    return sync.filter(it -> it.copies() == copies)
        .filter(it ->
            policy.mode() == SyncMode.PRIORITY
                ? it.members().size() == copies && isBest(it, usable)
                : it.members().size() == usable.size() + 1)
        .isPresent();
  }

  /** Nobody outside comes before a member, by tags. */
  private boolean isBest(SyncSet set, List<Host> usable) {
    var least =
        usable.stream()
            .filter(it -> set.members().contains(incarnation(it)))
            .mapToInt(SyncRecovery::rank)
            .min();
    return usable.stream()
        .filter(it -> !set.members().contains(incarnation(it)))
        .allMatch(it -> rank(it) <= least.orElse(0));
  }

  private static int rank(Host host) {
    return host.tags().syncPriority() + (host.tags().mayLead() ? 1000 : 0);
  }

  private static Incarnation incarnation(Host host) {
    return new Incarnation(host.id, host.postgres.replication.incarnation);
  }

  private List<Host> usable() {
    var leader = recovery.leader().orElseThrow();
    return world.hosts().stream()
        .filter(it -> it != leader && !it.witness && it.tags().syncPriority() > 0)
        .filter(it -> it.postgres.replication.upstream.equals(Optional.of(leader)))
        .toList();
  }

  private boolean isHeld(SyncPolicy policy) {
    return policy.strict() && usable().isEmpty();
  }

  private ClusterRecord record() {
    return recovery.leader().map(it -> it.agent.view()).stream()
        .filter(LeaseView.Mine.class::isInstance)
        .map(it -> ((LeaseView.Mine) it).record())
        .findFirst()
        .orElseThrow(() -> new NotWell("the leader is lost in a well cluster"));
  }

  private Optional<Host> otherMember(SyncSet set) {
    var leader = recovery.leader().orElseThrow();
    return set.members().stream()
        .map(it -> world.host(it.node()))
        .filter(it -> it != leader)
        .min((one, other) -> one.id.compareTo(other.id));
  }

  /**
   * Within the patience for a reconnection, and what the changes take. In strict mode it stays if
   * nobody can take its place.
   */
  private void deadMemberLeaves(SyncPolicy policy, Host victim) {
    var dead = incarnation(victim);
    var others = usable().size() - 1;
    world.trace.note(victim.id, () -> "*** a member of the set dies");
    victim.crash(DEAD_US);
    if (others == 0 && policy.strict()) {
      return;
    }
    var within = SyncPolicy.ALONE_AFTER.toNanos() / 1000 + LEAVES_WITHIN_US;
    recovery
        .awaited(
            within,
            () ->
                record().sync().filter(it -> it.members().contains(dead)).isPresent()
                    ? Optional.of("%s is dead, and in the set after %d us".formatted(dead, within))
                    : Optional.empty())
        .ifPresent(it -> {
          throw new NotWell(it);
        });
    world.marks.reached(Mark.DEAD_MEMBER_LEFT);
    commitsAreAcknowledged();
  }
}
