package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.Guarantee;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import dev.matriarch.protocol.sync.SyncSetting;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Changes the synchronous set of a leader, one step at a time and in the safe order, to targets
 * that chance picks; when all is well again, to one with which commits can be acknowledged.
 */
final class SyncDriver {
  private static final long STUCK_US = 700_000;

  private final Host host;
  private final World world;
  private final Replication replication;

  /** Absent: asynchronous mode. */
  private record Target(Optional<SyncSet> set) {}

  /** The change of the record that was asked for. */
  private record Asked(long id, Optional<SyncSet> set) {}

  private Optional<Asked> asked = Optional.empty();

  private Ballot askedBy = Ballot.NONE;

  /** What PostgreSQL was set to before the record says so. */
  private Optional<SyncSet> target = Optional.empty();

  private final PlannedSync planned;
  private long lastCommits;
  private long progressAtUs;
  private int attempts;

  SyncDriver(Host host) {
    this.host = host;
    world = host.world;
    replication = host.postgres.replication;
    planned = new PlannedSync(host);
  }

  /** What the record may say soon; a winner may have to go by it. */
  Set<SyncSet> changing() {
    var changing = new HashSet<SyncSet>();
    target().ifPresent(changing::add);
    asked.flatMap(Asked::set).ifPresent(changing::add);
    return changing;
  }

  /** What PostgreSQL was set to for a change of the record. */
  Optional<SyncSet> target() {
    return world.wish.policy().isPresent() ? planned.target() : target;
  }

  /** {@code node} has answered as voter. */
  void heard(NodeId node) {
    planned.heard(node);
  }

  /** What PostgreSQL has to wait for under a record. */
  SyncSetting settingFor(Optional<SyncSet> record) {
    return world
        .wish
        .policy()
        .map(it -> it.settingFor(record))
        .orElseGet(() ->
            record
                .filter(it -> it.copies() > 1)
                .<SyncSetting>map(it -> new SyncSetting.Members(it, false))
                .orElseGet(SyncSetting.Unset::new));
  }

  void drive(LeaseView.Mine mine) {
    if (!world.setup.synchronous()) {
      return;
    }
    if (world.wish.policy().isPresent()) {
      planned.drive(world.wish.policy().get(), mine);
    } else {
      wander(mine);
    }
  }

  private void wander(LeaseView.Mine mine) {
    var record = mine.record();
    if (asked.isEmpty()) {
      askedBy = mine.ballot();
    } else {
      var verdict = world.referee.verdict(asked.get().id());
      if (verdict.filter(it -> isKnown(it, mine)).isPresent()) {
        asked = Optional.empty();
        // What is wanted is asked for again: the election may not have heard of the setting yet.
        if (!(verdict.get() instanceof Effect.Verdict.Chosen) && world.wanted.isEmpty()) {
          target = Optional.empty();
        }
      }
      return;
    }
    if (target.isPresent()) {
      settle(record, target.get());
    } else if (!replication.inForce.goal().equals(settingFor(record.sync()))) {
      replication.inForce.set(
          settingFor(record.sync())); // also after a change that the record has now
    } else if (replication.inForce.possible().size() == 1) {
      next(record).ifPresent(it -> begin(record, it.set()));
    }
  }

  /** A winner may adopt what nobody knows to be chosen or not; its first record tells. */
  private boolean isKnown(Effect.Verdict verdict, LeaseView.Mine mine) {
    return !(verdict instanceof Effect.Verdict.Unknown) || !askedBy.equals(mine.ballot());
  }

  private void settle(ClusterRecord record, SyncSet set) {
    if (record.sync().equals(target)) {
      target = Optional.empty();
    } else if (world.dice.hits(0.02) || (!world.hostile && isStuck())) {
      target = Optional.empty(); // given up: back to what the record says
    } else if (isProven(set) || world.mutation == Mutation.RECORD_BEFORE_POSTGRES) {
      ask(Optional.of(set));
    }
  }

  /** That one copy is there need not be proven. */
  private boolean isProven(SyncSet set) {
    return set.copies() == 1
        ? replication.inForce.possible().size() == 1
        : replication.proven().equals(Optional.of(set));
  }

  private void begin(ClusterRecord record, Optional<SyncSet> set) {
    if (set.isEmpty()) {
      ask(set);
      return;
    }
    var leader = host.id;
    var recordFirst = Guarantee.holds(leader, record.sync(), set);
    var postgresFirst = Guarantee.holds(leader, set, record.sync());
    if (recordFirst && world.mutation != Mutation.POSTGRES_BEFORE_RECORD) {
      ask(set);
    } else if (recordFirst || postgresFirst) {
      world.marks.reached(Mark.POSTGRES_SET_BEFORE_RECORD);
      target = set;
      replication.inForce.set(settingFor(set));
    }
  }

  private void ask(Optional<SyncSet> set) {
    var id = host.agent.propose(new RecordChange.Synchronise(set));
    asked = Optional.of(new Asked(id, set));
  }

  // --- targets ----------------------------------------------------------------------------------

  private Optional<Target> next(ClusterRecord record) {
    var me = new Incarnation(host.id, replication.incarnation);
    if (!host.agent.state.voter().incarnation().equals(me)) {
      return Optional.empty();
    }
    if (world.wanted.isPresent()) {
      return wanted(record, me, world.wanted.get());
    }
    if (!world.hostile) {
      return isStuck() || record.sync().isEmpty() ? calm(record, me) : Optional.empty();
    }
    if (!world.dice.hits(0.15)) {
      return Optional.empty();
    }
    if (record.sync().isPresent() && world.setup.modeChanges() && world.dice.hits(0.05)) {
      return Optional.of(new Target(Optional.empty()));
    }
    return drawn(record, me).map(it -> new Target(Optional.of(it)));
  }

  private Optional<SyncSet> drawn(ClusterRecord record, Incarnation me) {
    var members = record.sync().map(SyncSet::members).orElse(Set.of());
    var there = replication.streaming();
    var pool = new HashSet<>(there);
    pool.addAll(members);
    pool.removeIf(it -> it.node().equals(host.id));
    var keep = new TreeSet<Incarnation>(SyncDriver::byName);
    for (var it : sorted(pool)) {
      if (world.dice.hits(members.contains(it) ? 0.85 : 0.4)) {
        keep.add(it);
      }
    }
    if (keep.stream().map(Incarnation::node).distinct().count() < keep.size()) {
      return Optional.empty();
    }
    keep.add(me);
    var least = record.sync().map(SyncSet::copies).filter(it -> it > 1).orElse(2);
    var copies = (int) (world.dice.hits(0.4) ? world.dice.between(2, 4) : least);
    return fit(Steady.set(keep), Math.min(copies, keep.size()), there, me);
  }

  /** Enough of the new set must be there to commit, and to be elected. */
  private static Optional<SyncSet> fit(
      Set<Incarnation> members, int copies, Set<Incarnation> there, Incarnation me) {
    if (members.size() > 1 && copies < 2) {
      return Optional.empty();
    }
    var set = new SyncSet(members, copies);
    var live = members.stream().filter(it -> it.equals(me) || there.contains(it)).count();
    return Optional.of(set).filter(it -> live >= Math.max(it.copies(), it.readQuorum()));
  }

  /** A node that does not stream is not in the set, but a member stays until all can be there. */
  private Optional<Target> wanted(ClusterRecord record, Incarnation me, World.WantedSet wanted) {
    if (wanted.copies() == 0) {
      return record.sync().map(_ -> new Target(Optional.empty()));
    }
    var there = new HashSet<>(replication.streaming());
    there.add(me);
    there.removeIf(it -> !wanted.nodes().contains(it.node()) && !it.equals(me));
    if (there.size() < wanted.nodes().size()) {
      return Optional.empty();
    }
    var set = fit(Steady.set(there), wanted.copies(), replication.streaming(), me);
    return set.filter(it -> !record.sync().equals(Optional.of(it)))
        .map(it -> new Target(Optional.of(it)));
  }

  private boolean isStuck() {
    var now = world.time.nowUs();
    if (world.commits.count() != lastCommits) {
      lastCommits = world.commits.count();
      progressAtUs = now;
    }
    if (now - progressAtUs < STUCK_US) {
      return false;
    }
    progressAtUs = now;
    return true;
  }

  /** Those that are there with as many copies as can be; in the end the leader alone. */
  private Optional<Target> calm(ClusterRecord record, Incarnation me) {
    var there = replication.streaming();
    var members = new HashSet<>(record.sync().map(SyncSet::members).orElse(there));
    members.removeIf(it -> !it.equals(me) && !there.contains(it));
    members.add(me);
    var most = Math.min(record.sync().map(SyncSet::copies).orElse(2), members.size());
    var copies = most - attempts++ % Math.max(1, most);
    var alone = Optional.of(new SyncSet(Set.of(me), 1));
    return Optional.of(
        new Target(
            copies < 2 ? alone : fit(Steady.set(members), copies, there, me).or(() -> alone)));
  }

  private static List<Incarnation> sorted(Set<Incarnation> pool) {
    return pool.stream().sorted(SyncDriver::byName).toList();
  }

  private static int byName(Incarnation one, Incarnation other) {
    var byNode = one.node().compareTo(other.node());
    return byNode != 0 ? byNode : Long.compare(one.number(), other.number());
  }
}
