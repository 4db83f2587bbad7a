package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.model.NodeId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The adversary sees every step, and in some worlds it waits for a bad moment. */
final class Ambushes {
  private final World world;
  private final Faults faults;
  private final Dice dice;
  private final double likely;

  Ambushes(World world, Faults faults) {
    this.world = world;
    this.faults = faults;
    dice = world.dice;
    var drawn = dice.of(0, 0.1, 0.4);
    // Where a rule is off, it never is idle: what comes of it is rare enough.
    likely = world.mutation == Mutation.NONE || drawn > 0 ? drawn : 0.1;
  }

  void observed(Host host, ElectionState before, Step step) {
    if (!world.hostile) {
      return;
    }
    var was = before.standing();
    if (was instanceof Standing.Leading then
        && step.state().standing() instanceof Standing.Leading now
        && !then.chosen().record().sync().equals(now.chosen().record().sync())
        && dice.hits(likely / 2)) {
      faults.soon(dice.between(1, 20_000), () -> faults.hangAndCutOff(host));
    }
    switch (step.state().standing()) {
      case Standing.Leading _ when was instanceof Standing.Accepting && dice.hits(likely) ->
          faults.soon(1, () -> faults.hangAndCutOff(host));
      case Standing.Leading now
          when was instanceof Standing.Leading then
              && now.proposal().isPresent()
              && then.proposal().isEmpty()
              && dice.hits(likely) ->
          votersChange(host, then.chosen().record(), now.proposal().get().value().record());
      case Standing.Preparing _
          when !(was instanceof Standing.Preparing) && dice.hits(likely / 2) ->
          faults.soon(3_000, () -> host.agent.pause(dice.between(5_000, 400_000)));
      case Standing.Accepting now when was instanceof Standing.Preparing && dice.hits(likely) ->
          oldLeaderReturns(host, before, now.proposal().value().version().ballot());
      default -> {}
    }
    var promised = step.state().voter().promised();
    if (!before.voter().promised().equals(promised)) {
      if (dice.hits(likely / 2)) {
        faults.note(host, "crashes once it has promised");
        faults.soon(1, () -> host.agent.restart(dice.between(500, 5_000)));
      }
    }
  }

  /** Some processes of a primary go by another setting already. */
  void settingChanges(Host host) {
    if (world.hostile && dice.hits(likely / 2)) {
      faults.soon(dice.between(1, 40_000), () -> faults.hangAndCutOff(host));
    }
  }

  /**
   * The store of a voter is exchanged while one side does not hear of it; later the old store is
   * found again, and its node is on that side.
   */
  private void votersChange(Host leader, ClusterRecord before, ClusterRecord after) {
    var changed =
        world.hosts().stream()
            .filter(it -> it != leader && it.lostDisk.isPresent())
            .filter(it -> exchanges(before, after, it.id))
            .findFirst();
    if (changed.isEmpty()) {
      return;
    }
    var host = changed.get();
    faults.note(leader, "only " + host.id + " hears of its new vote");
    var apart = between(List.of(leader.id, host.id), others(leader, host));
    faults.cut(apart, 6_000_000);
    faults.soon(
        dice.between(4_000_000, 4_600_000),
        () -> {
          if (faults.losses.findStore(host, dice.between(10_000, 100_000))) {
            world.network.mend(apart);
            faults.cut(between(Set.of(leader.id), others(leader)), 2_000_000);
          }
        });
  }

  private static boolean exchanges(ClusterRecord before, ClusterRecord after, NodeId node) {
    var store = after.voters().stores().get(node);
    return store != null && !store.equals(before.voters().stores().get(node));
  }

  /**
   * The winner is not heard for a moment, and one of those that promised hears only the old leader
   * again, perhaps without the store that knows of its promise.
   */
  private void oldLeaderReturns(Host winner, ElectionState before, Ballot ballot) {
    var elected = before.voter().record().flatMap(ClusterRecord::elected).map(world::host);
    var promised =
        world.hosts().stream()
            .filter(it -> it != winner && it.disk.promised().equals(ballot) && it.disk.fenced())
            .toList();
    if (elected.isEmpty() || elected.get() == winner || elected.get().lease().isEmpty()) {
      outcomeIsLate(winner);
      return;
    }
    if (promised.isEmpty() || promised.contains(elected.get())) {
      return;
    }
    var leader = elected.get();
    var host = dice.of(promised);
    var withStore = dice.hits(0.5);
    var forUs = dice.between(150_000, 450_000);
    faults.note(host, "hears only " + leader.id + " again once it has promised");
    world.network.mend(between(Set.of(host.id), Set.of(leader.id)));
    faults.cut(between(List.of(leader.id, host.id), others(leader, host)), forUs);
    faults.soon(
        1,
        () -> {
          if (!withStore) {
            faults.losses.exchangeStore(host);
          }
          leader.agent.wake();
        });
  }

  /** Its record is stored, but it hears so late, and one that knows nothing stands meanwhile. */
  private void outcomeIsLate(Host host) {
    var others = List.copyOf(others(host));
    var forUs = dice.between(150_000, 450_000);
    others.forEach(it -> faults.mute(world.host(it), ElectionMessage.Accepted.class, forUs));
    faults.cut(Set.of(new Network.Link(host.id, dice.of(others))), 2 * forUs);
  }

  private Set<NodeId> others(Host... hosts) {
    var others = new HashSet<>(world.members());
    for (var host : hosts) {
      others.remove(host.id);
    }
    return others;
  }

  private static Set<Network.Link> between(Collection<NodeId> ones, Collection<NodeId> others) {
    var links = new HashSet<Network.Link>();
    for (var one : ones) {
      for (var other : others) {
        links.add(new Network.Link(one, other));
        links.add(new Network.Link(other, one));
      }
    }
    return links;
  }
}
