package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The leader's agent is killed or frozen while its PostgreSQL runs on. */
class AgentLossTest {
  private static final TestCluster CLUSTER = TestCluster.onLoopback("agent-loss", 3);

  @BeforeEach
  void startWhatIsDown() {
    CLUSTER.startAll();
  }

  @AfterAll
  static void end() {
    CLUSTER.close();
  }

  @Test
  void theGuardianOfAKilledAgentStopsPostgresBeforeAnotherNodeIsPrimary() {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      trial.writes().expectLossOf(old);
      var killed = System.nanoTime();
      old.killAgent();
      awaitSuccessor(trial, old, killed);
      assertThat(old.isPostgresRunning()).isFalse();
      old.start();
      trial.judge();
    }
  }

  @Test
  void aFrozenAgentsPostgresIsStoppedAndTheThawedAgentDoesNotLeadBesideItsSuccessor() {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      trial.writes().expectLossOf(old);
      var frozen = System.nanoTime();
      old.freezeAgent();
      var next = awaitSuccessor(trial, old, frozen);
      assertThat(old.isPostgresRunning()).isFalse();
      old.thawAgent();
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(next);
    }
  }

  @Test
  void anAgentThatIsFrozenForMomentsKeepsItsLeadership() {
    try (var trial = Trial.on(CLUSTER)) {
      var leader = CLUSTER.leader();
      var timeline = CLUSTER.timeline();
      var session = trial.writes().lastOf(leader).orElseThrow().session();
      leader.freezeAgent();
      Await.holdsFor(Duration.ofSeconds(2), leader::isAgentAlive, () -> "the agent has ended");
      leader.thawAgent();
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(leader);
      assertThat(CLUSTER.timeline()).isEqualTo(timeline);
      assertThat(trial.writes().firstOfLaterSession(session)).as("new connections").isEmpty();
    }
  }

  @Test
  void aKilledGuardianIsReplacedAndPostgresGoesOn() {
    replacesTheGuardianAfter("KILL", Duration.ofSeconds(2));
  }

  @Test
  void aFrozenGuardianIsReplacedAndPostgresGoesOn() {
    replacesTheGuardianAfter("STOP", Duration.ofSeconds(4));
  }

  private static void replacesTheGuardianAfter(String signal, Duration within) {
    try (var trial = Trial.on(CLUSTER)) {
      var leader = CLUSTER.leader();
      var before = leader.guarded().orElseThrow();
      var session = trial.writes().lastOf(leader).orElseThrow().session();
      var sent = System.nanoTime();
      leader.signalGuardian(signal);
      CLUSTER.await(
          "another guardian",
          within,
          () -> leader.guarded().filter(it -> it.guardian() != before.guardian()).isPresent());
      System.out.printf(
          "guardian after SIG%s: another one after %d ms%n",
          signal, (System.nanoTime() - sent) / 1_000_000);
      trial.judge();
      assertThat(OsProcess.lives(before.guardian())).isFalse();
      assertThat(leader.guarded().orElseThrow().postmaster()).isEqualTo(before.postmaster());
      assertThat(CLUSTER.leader()).isEqualTo(leader);
      assertThat(trial.writes().firstOfLaterSession(session)).as("new connections").isEmpty();
    }
  }

  @Test
  void anAgentThatHardlyGetsToRunLeavesNoSecondPrimary() throws InterruptedException {
    try (var trial = Trial.on(CLUSTER);
        var clock = Executors.newSingleThreadScheduledExecutor()) {
      var old = CLUSTER.leader();
      trial.writes().expectLossOf(old);
      var turns = new AtomicInteger();
      var starving =
          clock.scheduleWithFixedDelay(
              () -> {
                old.thawAgent();
                old.freezeAgent();
                turns.incrementAndGet();
              },
              0,
              900,
              TimeUnit.MILLISECONDS);
      CLUSTER.await("a dozen turns", Duration.ofSeconds(30), () -> turns.get() >= 12);
      starving.cancel(false);
      clock.shutdown();
      assertThat(clock.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      old.thawAgent();
      trial.judge();
    }
  }

  /**
   * Waits until another node writes; the old one wrote for a while, and for the last time before.
   */
  private static JvmNode awaitSuccessor(Trial trial, JvmNode old, long lost) {
    var next = CLUSTER.awaitPrimary(CLUSTER.others(old), Duration.ofSeconds(30));
    CLUSTER.await(
        "a row written to " + next,
        Duration.ofSeconds(10),
        () -> trial.writes().firstSince(List.of(next), lost).isPresent());
    var last = trial.writes().lastOf(old).orElseThrow();
    var first = trial.writes().firstSince(List.of(next), lost).orElseThrow();
    assertThat(last.acknowledged()).as("PostgreSQL ran on within its lease").isGreaterThan(lost);
    assertThat(first.begun())
        .as("the first row of the new primary")
        .isGreaterThan(last.acknowledged());
    System.out.printf(
        "agent lost: the old primary wrote for %d ms more, the new one after %d ms%n",
        (last.acknowledged() - lost) / 1_000_000, (first.acknowledged() - lost) / 1_000_000);
    return next;
  }
}
