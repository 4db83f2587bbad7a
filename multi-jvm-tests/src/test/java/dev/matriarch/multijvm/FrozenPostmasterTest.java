package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The leader's agent is well and its PostgreSQL answers, but not to newcomers. */
class FrozenPostmasterTest {
  private static final TestCluster CLUSTER =
      TestCluster.inQuorumMode("frozen-postmaster", 3, "commit_timeout", "2");

  @BeforeEach
  void startWhatIsDown() {
    CLUSTER.startAll();
  }

  @AfterAll
  static void end() {
    CLUSTER.close();
  }

  @Test
  void aFrozenPostmasterCostsItsNodeTheLeadershipAndNobodyARow() {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      CLUSTER.await(
          "a standby in the quorum",
          TestCluster.PATIENCE,
          () ->
              old.query("SELECT pid FROM pg_stat_replication WHERE sync_state = 'quorum'").size()
                  == 2);
      var frozen = System.nanoTime();
      old.freezePostmaster();
      var next = CLUSTER.awaitPrimary(CLUSTER.others(old), Duration.ofSeconds(20));
      CLUSTER.await(
          "a row written to " + next,
          Duration.ofSeconds(10),
          () -> trial.writes().firstSince(CLUSTER.others(old), frozen).isPresent());
      var last = trial.writes().lastOf(old).orElseThrow();
      var first = trial.writes().firstSince(CLUSTER.others(old), frozen).orElseThrow();
      System.out.printf(
          "postmaster frozen: the new primary wrote after %d ms, nobody for %d ms%n",
          (first.acknowledged() - frozen) / 1_000_000,
          (first.acknowledged() - last.acknowledged()) / 1_000_000);
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(next);
      assertThat(old.query("SELECT pg_is_in_recovery()")).containsExactly("t");
      assertThat(next.rest().get("/history").body())
          .contains("no commit has succeeded for 2 s: a new connection gets no answer");
      assertThat(next.rest().get("/failovers").body()).contains("no commit has succeeded for 2 s");
      assertThat(next.rest().metric("matriarch_commits_failing_seconds")).contains(0.0);
    }
  }

  /** SIGTERM to a postmaster: nobody is let in any more, and who is there may stay. */
  @Test
  void aServerThatWaitsForItsClientsToGoCostsItsNodeTheLeadershipAndNobodyARow() {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      CLUSTER.awaitQuorum(old, 2);
      var told = System.nanoTime();
      old.endPostmasterAfterItsClients();
      var others = CLUSTER.others(old);
      var next = CLUSTER.awaitPrimary(others, Duration.ofSeconds(20));
      CLUSTER.await(
          "a row written to " + next,
          Duration.ofSeconds(10),
          () -> trial.writes().firstSince(others, told).isPresent());
      var last = trial.writes().lastOf(old).orElseThrow();
      var first = trial.writes().firstSince(others, told).orElseThrow();
      System.out.printf(
          "told to shut down: the new primary wrote after %d ms, nobody for %d ms%n",
          (first.acknowledged() - told) / 1_000_000,
          (first.acknowledged() - last.acknowledged()) / 1_000_000);
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(next);
      assertThat(last.acknowledged()).as("it served who was there").isGreaterThan(told);
      assertThat(next.rest().get("/history").body())
          .contains("nobody was let in for 2 s: somebody told PostgreSQL to shut down");
    }
  }
}
