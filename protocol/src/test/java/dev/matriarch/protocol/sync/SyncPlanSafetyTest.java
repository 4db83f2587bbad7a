package dev.matriarch.protocol.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.NodeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whatever happens between two steps, no acknowledged commit is lost, and the plan arrives. */
class SyncPlanSafetyTest {
  private static final List<SyncPolicy> POLICIES =
      List.of(
          SyncPolicy.ASYNCHRONOUS,
          policy(SyncMode.PRIORITY, false, 1),
          policy(SyncMode.PRIORITY, false, 2),
          policy(SyncMode.QUORUM, false, 1),
          policy(SyncMode.QUORUM, false, 2),
          policy(SyncMode.PRIORITY, true, 1),
          policy(SyncMode.QUORUM, true, 2));

  private static final int ROUNDS_MAX = 12;

  /** Every way from one policy and set of standbys to another, interrupted after every step. */
  @Test
  void everySequenceCanBeInterruptedAfterEveryStep() {
    var interrupted = 0;
    for (var start : starts()) {
      for (var policy : POLICIES) {
        for (var standbys : subsets()) {
          var world = start.copy();
          world.policy = policy;
          world.setWell(standbys);
          interrupted += interrupt(world);
        }
      }
    }
    assertThat(interrupted).isGreaterThan(20_000);
  }

  /** Random faults among five nodes, and random wishes; then the faults stop. */
  @Test
  void noFaultLosesACommitOrStopsThePlanForEver() {
    var elections = 0;
    var remade = 0;
    for (var seed = 0; seed < 1500; seed++) {
      var random = new Random(seed);
      var world = new SyncWorld(2 + random.nextInt(4));
      for (var i = 0; i < 150; i++) {
        var before = world.leader;
        var rows = world.view().standbys().size();
        disturb(world, random);
        elections += world.leader.equals(before) ? 0 : 1;
        remade += world.view().standbys().size() - rows;
      }
      arrive(world);
      world.everybodyReturns();
      arrive(world);
    }
    assertThat(elections).isGreaterThan(1000);
    assertThat(remade).isGreaterThan(1000);
  }

  /** In strict mode from the beginning, nothing is ever acknowledged by one node alone. */
  @Test
  void strictModeNeverAcknowledgesWhatOneNodeHolds() {
    for (var seed = 0; seed < 500; seed++) {
      var random = new Random(seed);
      var world = new SyncWorld(2 + random.nextInt(3));
      world.policy = policy(SyncMode.PRIORITY, true, 1);
      world.setWell(Set.of());
      world.carryOut(world.plan());
      world.bringIntoForce();
      for (var i = 0; i < 150; i++) {
        disturb(world, random);
        world.policy =
            policy(
                random.nextBoolean() ? SyncMode.PRIORITY : SyncMode.QUORUM,
                true,
                world.policy.nodeCount());
        assertThat(world.copiesMin()).as("seed %d, step %d", seed, i).isGreaterThan(1);
      }
      world.everybodyReturns();
      arrive(world);
      assertThat(world.copiesMin()).isGreaterThan(1);
    }
  }

  private static void disturb(SyncWorld world, Random random) {
    var nodes = List.copyOf(world.nodes());
    var node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(24)) {
      case 0, 1, 2 -> world.write();
      case 3, 4, 5 ->
          world.view().standbys().stream()
              .filter(it -> it.incarnation().node().equals(node))
              .forEach(it -> world.receive(it.incarnation(), random.nextInt(4)));
      case 6, 7, 8 -> world.acknowledge();
      case 9, 10, 11, 12, 13 -> world.carryOut(world.plan());
      case 14, 15, 16 -> world.choose();
      case 17, 18 -> world.bringIntoForce();
      case 19, 20 -> world.prove();
      case 21 -> {
        if (random.nextInt(3) == 0) {
          world.policy = POLICIES.get(random.nextInt(POLICIES.size()));
        } else {
          world.toggle(node);
        }
      }
      case 22 -> {
        if (random.nextBoolean()) {
          world.remake(node);
        } else {
          world.restartAgent();
        }
      }
      case 23 -> {
        var records = world.possibleRecords();
        var stale = List.of(new SyncSetting.Unset(), new SyncSetting.Held(), world.asked());
        world.elect(
            node, records.get(random.nextInt(records.size())), stale.get(random.nextInt(3)));
      }
      default -> throw new AssertionError();
    }
  }

  /** Goes the way step by step; what may happen after each is tried on a copy. */
  private static int interrupt(SyncWorld world) {
    var interrupted = new int[1];
    travel(
        world,
        () -> {
          for (var other : interruptions(world)) {
            arrive(other);
            interrupted[0]++;
          }
        });
    return interrupted[0];
  }

  private static List<SyncWorld> interruptions(SyncWorld world) {
    var others = new ArrayList<SyncWorld>();
    for (var adopted : Set.copyOf(world.possibleRecords())) {
      for (var winner : world.nodes()) {
        var other = world.copy();
        if (other.elect(winner, adopted, new SyncSetting.Unset())) {
          others.add(other);
        }
      }
    }
    var givenUp = world.copy();
    givenUp.setWell(Set.of());
    others.add(givenUp);
    var restarted = world.copy();
    restarted.restartAgent();
    others.add(restarted);
    return others;
  }

  /** A leader that is well arrives at its target in a bounded number of rounds, and commits. */
  private static void arrive(SyncWorld world) {
    travel(world, () -> {});
    world.write();
    world.receiveAll();
    world.acknowledge();
    var mayCommit =
        !(world.asked() instanceof SyncSetting.Held)
            && world.record.filter(it -> world.view().present(it) < it.copies()).isEmpty();
    assertThat(world.isAcknowledged(world.written() - 1)).as("%s", world).isEqualTo(mayCommit);
  }

  /** Until there is nothing left to do. */
  private static void travel(SyncWorld world, Runnable afterEach) {
    var from = world.toString();
    for (var i = 0; i < ROUNDS_MAX; i++) {
      var step = world.plan();
      if (step instanceof SyncStep.Nothing) {
        return;
      }
      world.carryOut(step);
      afterEach.run();
      world.choose();
      afterEach.run();
      world.write();
      world.acknowledge();
      world.bringIntoForce();
      afterEach.run();
      world.receiveAll();
      world.prove();
      world.acknowledge();
    }
    assertThat(world.plan()).as("%s, from %s", world, from).isInstanceOf(SyncStep.Nothing.class);
  }

  /** One world for each record and setting that there can be. */
  private static List<SyncWorld> starts() {
    var worlds = new ArrayList<SyncWorld>();
    var seen = new HashSet<List<Object>>();
    for (var policy : POLICIES) {
      for (var standbys : subsets()) {
        var world = new SyncWorld(4);
        world.policy = policy;
        world.setWell(standbys);
        arrive(world);
        if (seen.add(List.of(world.record, world.asked()))) {
          worlds.add(world);
        }
      }
    }
    return worlds;
  }

  private static List<Set<NodeId>> subsets() {
    var names = List.of("b", "c", "d");
    var sets = new ArrayList<Set<NodeId>>();
    for (var bits = 0; bits < 1 << names.size(); bits++) {
      var chosen = new HashSet<String>();
      for (var i = 0; i < names.size(); i++) {
        if ((bits >> i & 1) == 1) {
          chosen.add(names.get(i));
        }
      }
      sets.add(chosen.stream().map(NodeId::new).collect(Collectors.toSet()));
    }
    return sets;
  }

  private static SyncPolicy policy(SyncMode mode, boolean strict, int nodeCount) {
    return new SyncPolicy(mode, strict, nodeCount, OptionalLong.empty(), SyncPolicy.PATIENCE);
  }
}
