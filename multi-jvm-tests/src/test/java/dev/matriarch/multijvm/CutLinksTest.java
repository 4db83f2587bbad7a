package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes in networks of their own, whose cables are pulled. */
class CutLinksTest {
  private static final Duration LONG_CUT = Duration.ofSeconds(16);
  private static final Duration AFTER_HEALING = Duration.ofSeconds(10);
  private static Optional<TestCluster> made = Optional.empty();

  @BeforeAll
  static void connect() {
    assumeTrue(Network.isPossible(), "network namespaces need root and iproute2");
    made = Optional.of(TestCluster.atSwitch("cut-links", 3));
  }

  @BeforeEach
  void startWhatIsDown() {
    cluster().startAll();
  }

  @AfterAll
  static void end() {
    made.ifPresent(TestCluster::close);
  }

  private static TestCluster cluster() {
    return made.orElseThrow();
  }

  @Test
  void aLeaderThatIsCutOffStopsBeforeAnotherLeadsAndComesBackAsAStandby() {
    var cluster = cluster();
    try (var trial = Trial.on(cluster)) {
      var old = cluster.leader();
      var others = cluster.others(old);
      trial.writes().expectLossOf(old);
      var cut = System.nanoTime();
      cluster.network().unplug(cluster.number(old));
      var next = cluster.awaitPrimary(others, Duration.ofSeconds(30));
      cluster.await(
          "a row written to " + next,
          Duration.ofSeconds(10),
          () -> trial.writes().firstSince(List.of(next), cut).isPresent());
      assertThat(old.rest().isPrimary()).isFalse();
      assertSuccession(trial, old, next, cut);
      cluster.network().plug(cluster.number(old));
      awaitJoined();
      trial.judge();
      assertThat(cluster.leader()).isEqualTo(next);
    }
  }

  @Test
  void aNodeThatRestartsWhileCutOffJoinsTheOthersAfterHealing() {
    var cluster = cluster();
    var leader = cluster.awaitWhole();
    var timeline = cluster.timeline();
    // The first by name is who would found a cluster when it believes to be alone.
    var cutOff = leader.equals(cluster.node(1)) ? cluster.node(2) : cluster.node(1);
    cluster.network().unplug(cluster.number(cutOff));
    cutOff.crash();
    cutOff.start();
    cluster.await("its REST API", Duration.ofSeconds(20), () -> cutOff.rest().self().isPresent());
    Await.holdsFor(
        Duration.ofSeconds(5),
        () -> cutOff.rest().metric("matriarch_members_joined").orElse(0.0) == 0,
        cluster::state);
    cluster.network().plug(cluster.number(cutOff));
    awaitJoined();
    assertThat(cluster.awaitWhole()).isEqualTo(leader);
    assertThat(cluster.timeline()).isEqualTo(timeline);
  }

  /** The kernels' own attempts get rarer the longer a cut lasts. */
  @Test
  void afterALongCutItTakesNoLongerToBeHeardAgain() {
    var cluster = cluster();
    var leader = cluster.awaitWhole();
    var timeline = cluster.timeline();
    for (var number : List.of(1, 2, 3)) {
      cluster.network().unplug(number);
    }
    Await.holdsFor(LONG_CUT, () -> true, cluster::state);
    for (var number : List.of(1, 2, 3)) {
      cluster.network().plug(number);
    }
    var took =
        cluster.await(
            "a primary again",
            Duration.ofSeconds(6),
            () -> cluster.nodes().stream().anyMatch(it -> it.rest().isPrimary()));
    System.out.printf(
        "primary again %d ms after a cut of %d s, %s after %s%n",
        took.toMillis(), LONG_CUT.toSeconds(), cluster.awaitWhole(), leader);
    assertThat(cluster.timeline()).isGreaterThan(timeline);
  }

  /** The primary's sender would hold the slot until its kernel has given up. */
  @Test
  void aStandbyThatWasCutOffStreamsAgainSoonAfterHealing() {
    var cluster = cluster();
    var leader = cluster.awaitWhole();
    var cutOff = cluster.others(leader).getFirst();
    try (var trial = Trial.on(cluster)) {
      var begun = System.nanoTime();
      cluster.network().unplug(cluster.number(cutOff));
      Await.holdsFor(LONG_CUT, () -> true, cluster::state);
      assertThat(trial.writes().firstSince(List.of(leader), begun)).isPresent();
      cluster.network().plug(cluster.number(cutOff));
      var took =
          cluster.await(
              "all streaming", Duration.ofSeconds(6), () -> cluster.isWhole(cluster.nodes()));
      System.out.printf(
          "streaming again %d ms after a cut of %d s%n", took.toMillis(), LONG_CUT.toSeconds());
      trial.judge();
    }
    assertThat(cluster.awaitWhole()).isEqualTo(leader);
  }

  @Test
  void allNodesThatRestartWithoutALinkBecomeOneClusterAfterHealing() {
    var cluster = cluster();
    cluster.awaitWhole();
    for (var number : List.of(1, 2, 3)) {
      cluster.network().unplug(number);
    }
    cluster.nodes().forEach(JvmNode::crash);
    cluster.startAll();
    cluster.await(
        "the REST API of all",
        Duration.ofSeconds(30),
        () -> cluster.nodes().stream().allMatch(it -> it.rest().self().isPresent()));
    Await.holdsFor(
        Duration.ofSeconds(3),
        () -> cluster.nodes().stream().noneMatch(it -> it.rest().isPrimary()),
        cluster::state);
    for (var number : List.of(2, 3, 1)) {
      cluster.network().plug(number);
    }
    awaitJoined();
    cluster.awaitWhole();
  }

  @Test
  void aLeaderThatIsNotHeardByTheOthersIsReplacedAndNeverTwoLead() {
    var cluster = cluster();
    try (var trial = Trial.on(cluster)) {
      var old = cluster.leader();
      var from = cluster.number(old);
      trial.writes().expectLossOf(old);
      var cut = System.nanoTime();
      var others = cluster.others(old);
      others.forEach(it -> cluster.network().cutWay(from, cluster.number(it)));
      var next = cluster.awaitPrimary(others, Duration.ofSeconds(30));
      cluster.await(
          "a row written to " + next,
          Duration.ofSeconds(10),
          () -> trial.writes().firstSince(List.of(next), cut).isPresent());
      assertSuccession(trial, old, next, cut);
      others.forEach(it -> cluster.network().openWay(from, cluster.number(it)));
      awaitJoined();
      trial.judge();
    }
  }

  private static void assertSuccession(Trial trial, JvmNode old, JvmNode next, long cut) {
    var last = trial.writes().lastOf(old).orElseThrow();
    var first = trial.writes().firstSince(List.of(next), cut).orElseThrow();
    assertThat(last.acknowledged()).as("it went on within its lease").isGreaterThan(cut);
    assertThat(first.begun()).as("first row of the successor").isGreaterThan(last.acknowledged());
    System.out.printf(
        "cut off: the old primary wrote for %d ms more, the new one after %d ms%n",
        (last.acknowledged() - cut) / 1_000_000, (first.acknowledged() - cut) / 1_000_000);
  }

  private static void awaitJoined() {
    var took =
        cluster()
            .await("one Pekko cluster", AFTER_HEALING, () -> cluster().isJoined(cluster().nodes()));
    System.out.printf("one Pekko cluster %d ms after healing%n", took.toMillis());
  }
}
