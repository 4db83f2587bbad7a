package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Killed agents that come back while the lease lasts find PostgreSQL running and leave it alone.
 * The lease is long, so that also a busy machine starts an agent within it.
 */
class AgentRestartTest {
  private static final TestCluster CLUSTER =
      TestCluster.onLoopback("agent-restart", 3, Duration.ofSeconds(25));

  @BeforeEach
  void startWhatIsDown() {
    CLUSTER.startAll();
  }

  @AfterAll
  static void end() {
    CLUSTER.close();
  }

  @Test
  void theLeadersAgentGoesOnWithoutAnInterruption() {
    goesOnAfterTheDeathOf(List.of(CLUSTER.awaitWhole()));
  }

  @Test
  void allAgentsAtOnceGoOnWithoutAnInterruptionAsOneCluster() {
    goesOnAfterTheDeathOf(CLUSTER.nodes());
  }

  @Test
  void aStopInTheFirstMomentOfAnAgentStopsThePostgresThatItFinds() {
    var leader = CLUSTER.awaitWhole();
    var standby = CLUSTER.others(leader).getFirst();
    standby.killAgent();
    assertThat(standby.isPostgresRunning()).isTrue();
    var mark = standby.logMark();
    standby.start();
    CLUSTER.await(
        "the first line of the agent",
        Duration.ofSeconds(20),
        () -> standby.logSince(mark).stream().anyMatch(it -> it.contains(": node ")));
    assertThat(standby.stop(Duration.ofSeconds(30))).isZero();
    assertThat(standby.isPostgresRunning()).isFalse();
    CLUSTER.startAll();
    assertThat(CLUSTER.awaitWhole()).isEqualTo(leader);
  }

  private static void goesOnAfterTheDeathOf(List<JvmNode> victims) {
    try (var trial = Trial.on(CLUSTER)) {
      var leader = CLUSTER.leader();
      var timeline = CLUSTER.timeline();
      var guarded = guarded();
      var session = trial.writes().lastOf(leader).orElseThrow().session();
      var mark = leader.logMark();
      var killed = System.nanoTime();
      victims.forEach(JvmNode::killAgent);
      CLUSTER.startAll();
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(leader);
      assertThat(CLUSTER.timeline()).isEqualTo(timeline);
      assertThat(guarded()).as("guardians and postmasters").isEqualTo(guarded);
      assertThat(leader.logSince(mark)).anyMatch(it -> it.contains("took over the guardian"));
      assertThat(trial.writes().firstOfLaterSession(session)).as("new connections").isEmpty();
      assertThat(trial.writes().longestGapSince(killed)).isLessThan(Duration.ofSeconds(2));
    }
  }

  private static List<Optional<JvmNode.Guarded>> guarded() {
    return CLUSTER.nodes().stream().map(JvmNode::guarded).toList();
  }
}
