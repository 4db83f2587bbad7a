package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All agents start again, in any order: one leader, one Pekko cluster. */
class ColdStartTest {
  private static final Duration ONE_CLUSTER = Duration.ofSeconds(10);
  private static final TestCluster CLUSTER = TestCluster.onLoopback("cold-start", 3);

  @BeforeEach
  void startWhatIsDown() {
    CLUSTER.startAll();
    CLUSTER.awaitWhole();
  }

  @AfterAll
  static void end() {
    CLUSTER.close();
  }

  @ParameterizedTest(name = "order {0} {1} {2}, pauses of {3} ms")
  @CsvSource({"1,2,3,0", "3,2,1,1500", "2,3,1,4000"})
  void afterAPowerFailureOfAllTheyAreOneClusterInAnyOrder(
      int first, int second, int third, int pauseMs) {
    var before = CLUSTER.timeline();
    CLUSTER.nodes().forEach(JvmNode::crash);
    for (var number : List.of(first, second)) {
      var node = CLUSTER.node(number);
      node.start();
      Await.holdsFor(Duration.ofMillis(pauseMs), node::isAgentAlive, () -> node.logTail(40));
    }
    CLUSTER.node(third).start();
    awaitJoined();
    CLUSTER.awaitWhole();
    assertThat(CLUSTER.timeline()).isBetween(before, before + 1);
  }

  @Test
  void aNodeThatStartsAloneNeitherLeadsNorMakesAClusterOfItsOwn() {
    var leader = CLUSTER.leader();
    CLUSTER.nodes().forEach(JvmNode::crash);
    leader.start();
    CLUSTER.await(
        "the agent's REST API", Duration.ofSeconds(20), () -> leader.rest().self().isPresent());
    Await.holdsFor(
        Duration.ofSeconds(8),
        () ->
            !leader.rest().isPrimary()
                && leader.rest().metric("matriarch_members_joined").orElse(0.0) == 0,
        CLUSTER::state);
    CLUSTER.startAll();
    awaitJoined();
    CLUSTER.awaitWhole();
  }

  /** From when all answer. */
  private static void awaitJoined() {
    CLUSTER.await(
        "the REST API of all",
        Duration.ofSeconds(30),
        () -> CLUSTER.nodes().stream().allMatch(it -> it.rest().self().isPresent()));
    var took =
        CLUSTER.await("one Pekko cluster", ONE_CLUSTER, () -> CLUSTER.isJoined(CLUSTER.nodes()));
    System.out.printf("one Pekko cluster %d ms after all answered%n", took.toMillis());
  }
}
