package dev.matriarch.protocol.formation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.formation.Formation.Action;
import dev.matriarch.protocol.formation.FormationView.Life;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In the notation {a b | c}: a and b are in one cluster, c in another; small letters unjoined. */
class FormationTest {
  private static final Set<NodeId> ABC = Set.of(n("a"), n("b"), n("c"));
  private static final Duration LONG = Duration.ofSeconds(10);

  @Test
  void firstOfAllMembersFoundsAtOnce() {
    var view = view("a", life("a"), Map.of(n("b"), life("b"), n("c"), life("c")), Duration.ZERO);
    assertThat(Formation.decide(view)).isEqualTo(new Action.Found());
  }

  @Test
  void firstOfAMajorityWaitsAMomentForTheRest() {
    var others = Map.of(n("c"), life("c"));
    assertThat(Formation.decide(view("b", life("b"), others, Duration.ZERO)))
        .isEqualTo(new Action.Wait());
    assertThat(Formation.decide(view("b", life("b"), others, LONG))).isEqualTo(new Action.Found());
  }

  @Test
  void aNodeThatIsAloneNeverFounds() {
    assertThat(Formation.decide(view("a", life("a"), Map.of(), LONG))).isEqualTo(new Action.Wait());
  }

  @Test
  void aNodeThatComesLaterJoins() {
    var others = Map.of(n("b"), life("b", "b", "c"), n("c"), life("c", "b", "c"));
    assertThat(Formation.decide(view("a", life("a"), others, Duration.ZERO)))
        .isEqualTo(new Action.Join(n("b")));
  }

  @Test
  void smallerIslandDissolvesAndTheLargerStays() {
    var island = life("c", "c");
    var large = Map.of(n("a"), life("a", "a", "b"), n("b"), life("b", "a", "b"));
    assertThat(Formation.decide(view("c", island, large, LONG))).isInstanceOf(Action.Restart.class);
    var seen = Map.of(n("b"), life("b", "a", "b"), n("c"), island);
    assertThat(Formation.decide(view("a", life("a", "a", "b"), seen, LONG)))
        .isEqualTo(new Action.Wait());
  }

  /** Lives start, end and are cut off at random; once that stops there is one cluster in 10 s. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void oneClusterOnceTheLinksAreWhole(long seed) {
    var world = new World(new SplittableRandom(seed));
    for (var s = 0; s < 300; s++) {
      world.disturb();
      world.second();
    }
    world.cut.clear();
    for (var s = 0; s < 10; s++) {
      world.second();
    }
    assertThat(world.clusters()).as("seed %d", seed).hasSize(1);
    assertThat(world.agents).allMatch(it -> it.life.isJoined());
  }

  /** Joining takes no time here; what a node hears is as old as the last second. */
  private static final class World {
    final SplittableRandom random;
    final List<Agent> agents = List.of(new Agent("a"), new Agent("b"), new Agent("c"));
    final Set<List<Agent>> cut = new HashSet<>();
    int lives;

    World(SplittableRandom random) {
      this.random = random;
      agents.forEach(this::reborn);
    }

    void reborn(Agent agent) {
      agent.life = new Life(agent.name + "#" + lives++, Set.of());
      agent.heard = new TreeMap<>();
    }

    void disturb() {
      if (random.nextInt(10) == 0) {
        reborn(agents.get(random.nextInt(3)));
      }
      if (random.nextInt(5) == 0) {
        cut.clear();
        for (var from : agents) {
          agents.stream()
              .filter(_ -> random.nextInt(3) == 0)
              .forEach(to -> cut.add(List.of(from, to)));
        }
      }
    }

    void second() {
      for (var agent : agents) {
        var others = new TreeMap<NodeId, Life>();
        for (var other : agents) {
          if (other != agent && !cut.contains(List.of(other, agent))) {
            others.put(other.name, other.life);
          }
        }
        agent.steadyFor = others.equals(agent.heard) ? agent.steadyFor + 1 : 0;
        agent.heard = others;
      }
      agents.forEach(this::act);
    }

    void act(Agent agent) {
      var steady = Duration.ofSeconds(agent.steadyFor);
      var view = new FormationView(agent.name, ABC, agent.life, agent.heard, steady);
      switch (Formation.decide(view)) {
        case Action.Wait() -> {}
        case Action.Found() -> agent.life = new Life(agent.life.id(), Set.of(agent.life.id()));
        case Action.Restart(_) -> reborn(agent);
        case Action.Join(var peer) ->
            agents.stream().filter(it -> it.name.equals(peer)).forEach(it -> join(agent, it));
      }
    }

    void join(Agent agent, Agent peer) {
      if (cut.contains(List.of(agent, peer)) || !peer.life.isJoined()) {
        return;
      }
      var together = new HashSet<>(peer.life.joinedWith());
      together.add(agent.life.id());
      for (var other : agents) {
        if (together.contains(other.life.id())) {
          other.life = new Life(other.life.id(), together);
        }
      }
    }

    Set<Set<String>> clusters() {
      var alive = agents.stream().map(it -> it.life.id()).toList();
      return agents.stream()
          .map(it ->
              it.life.joinedWith().stream().filter(alive::contains).collect(Collectors.toSet()))
          .collect(Collectors.toSet());
    }
  }

  private static final class Agent {
    final NodeId name;
    Life life = new Life("unborn", Set.of());
    TreeMap<NodeId, Life> heard = new TreeMap<>();
    int steadyFor;

    Agent(String name) {
      this.name = n(name);
    }
  }

  private static NodeId n(String name) {
    return new NodeId(name);
  }

  private static Life life(String id, String... with) {
    return new Life(id, Set.of(with));
  }

  private static FormationView view(
      String name, Life self, Map<NodeId, Life> others, Duration heardFor) {
    return new FormationView(n(name), ABC, self, new TreeMap<>(others), heardFor);
  }
}
