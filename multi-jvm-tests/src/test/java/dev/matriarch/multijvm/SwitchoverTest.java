package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An operator lets another node lead; in synchronous mode, with writers. */
class SwitchoverTest {
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final String ADMIN_SHUTDOWN = "57P01";
  private static final TestCluster CLUSTER = TestCluster.inQuorumMode("switchover", 3);

  @BeforeEach
  void startWhatIsDown() {
    CLUSTER.startAll();
  }

  @AfterAll
  static void end() {
    CLUSTER.close();
  }

  @Test
  void theCandidateLeadsNothingIsLostAndTheOldPrimaryStreamsFromIt() throws Exception {
    try (var trial = Trial.on(CLUSTER);
        var client = CLUSTER.leader().connect()) {
      var old = CLUSTER.leader();
      var timeline = CLUSTER.timeline();
      CLUSTER.awaitQuorum(old, 2);
      var candidate = CLUSTER.others(old).getFirst();
      var asked = System.nanoTime();
      // A node that does not lead passes the request on.
      var answer =
          CLUSTER
              .others(old)
              .getLast()
              .rest()
              .post(
                  "/switchover",
                  "{\"leader\": \"%s\", \"candidate\": \"%s\"}".formatted(old, candidate),
                  ANSWER);
      assertThat(answer.body()).isEqualTo("Successfully switched over to \"%s\"", candidate);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(candidate.rest().isPrimary()).isTrue();
      assertThat(stateOfNextCall(client)).isEqualTo(ADMIN_SHUTDOWN);
      CLUSTER.await(
          "a row written to " + candidate,
          Duration.ofSeconds(20),
          () -> trial.writes().firstSince(List.of(candidate), asked).isPresent());
      var last = trial.writes().lastOf(old).orElseThrow();
      var first = trial.writes().firstSince(List.of(candidate), asked).orElseThrow();
      System.out.printf(
          "switchover: asked to last row %d ms, without a writable primary %d ms%n",
          TimeUnit.NANOSECONDS.toMillis(last.acknowledged() - asked),
          TimeUnit.NANOSECONDS.toMillis(first.acknowledged() - last.acknowledged()));
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(candidate);
      assertThat(CLUSTER.timeline()).isEqualTo(timeline + 1);
      assertThat(old.query("SELECT pg_is_in_recovery()")).containsExactly("t");
    }
  }

  @Test
  void aRequestThatCannotBeMetIsRefusedAndInterruptsNobody() {
    try (var trial = Trial.on(CLUSTER)) {
      var leader = CLUSTER.leader();
      var other = CLUSTER.others(leader).getFirst();
      var session = trial.writes().lastOf(leader).orElseThrow().session();
      var wrong =
          leader.rest().post("/switchover", "{\"leader\": \"%s\"}".formatted(other), ANSWER);
      assertThat(wrong.status()).isEqualTo(412);
      assertThat(wrong.body()).isEqualTo("leader name does not match");
      var unknown = other.rest().post("/failover", "{\"candidate\": \"nobody\"}", ANSWER);
      assertThat(unknown.status()).isEqualTo(412);
      assertThat(unknown.body()).isEqualTo("candidate does not exists");
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(leader);
      assertThat(trial.writes().firstOfLaterSession(session)).isEmpty();
    }
  }

  private static String stateOfNextCall(Connection client) {
    try (var statement = client.createStatement()) {
      statement.execute("SELECT 1");
      return "none";
    } catch (SQLException e) {
      return String.valueOf(e.getSQLState());
    }
  }
}
