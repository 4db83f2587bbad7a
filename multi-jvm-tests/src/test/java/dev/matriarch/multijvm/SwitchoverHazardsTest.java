package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What may go wrong while an operator lets another node lead; in synchronous mode, with writers.
 */
class SwitchoverHazardsTest {
  private static final Duration ANSWER = Duration.ofSeconds(60);

  /** What a failed switchover may cost clients on a loaded machine. */
  private static final Duration OUTAGE_MAX = Duration.ofSeconds(10);

  private static final String NOT_DRAINED = "not every standby or subscriber had received all WAL";
  private static final TestCluster CLUSTER =
      TestCluster.onLoopback(
          "switchover-hazards",
          3,
          TestCluster.quorumMode().with("postgresql.parameters.wal_level", "logical"));

  @BeforeEach
  void startWhatIsDown() {
    CLUSTER.startAll();
    CLUSTER.awaitQuorum(CLUSTER.awaitWhole(), 2);
  }

  @AfterAll
  static void end() {
    CLUSTER.close();
  }

  // --- the candidate ----------------------------------------------------------------------------

  /** As soon as PostgreSQL is to stop, so that it cannot take what is handed to it. */
  @ParameterizedTest(name = "PostgreSQL dies as well: {0}")
  @ValueSource(booleans = {false, true})
  void aCandidateThatDiesLeavesTheOldPrimaryInCharge(boolean withPostgres) throws Exception {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      var candidate = CLUSTER.others(old).getFirst();
      var mark = old.logMark();
      var answer = switchover(old, candidate);
      awaitLog(old, mark, "PostgreSQL is stopped, and");
      if (withPostgres) {
        candidate.crash();
      } else {
        candidate.killAgent();
      }
      var killed = System.nanoTime();
      var outcome = answer.get(90, TimeUnit.SECONDS);
      assertThat(outcome.body()).startsWith("Switchover failed");
      assertThat(outcome.status()).isEqualTo(503);
      var took =
          CLUSTER.await(
              "a row after the failed switchover",
              OUTAGE_MAX,
              () ->
                  trial
                      .writes()
                      .firstSince(CLUSTER.others(candidate), killed + TimeUnit.SECONDS.toNanos(1))
                      .isPresent());
      System.out.printf("switchover to a dead candidate: %s, %s%n", outcome, took);
      assertThat(CLUSTER.leader()).isEqualTo(old);
      candidate.start();
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(old);
    }
  }

  @Test
  void aCandidateThatDoesNotAnswerIsNotHandedTo() throws Exception {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      var candidate = CLUSTER.others(old).getFirst();
      var session = trial.writes().lastOf(old).orElseThrow().session();
      candidate.freezeAgent();
      try {
        Await.holdsFor(Duration.ofSeconds(1), old.rest()::isPrimary, CLUSTER::state);
        // A switchover is refused by then: the candidate is not synchronous any more.
        var outcome =
            old.rest().post("/failover", "{\"candidate\": \"%s\"}".formatted(candidate), ANSWER);
        assertThat(outcome.body())
            .isEqualTo(
                "Failover failed: %s does not answer any more; %s stays the leader",
                candidate, old);
        assertThat(outcome.status()).isEqualTo(503);
      } finally {
        candidate.thawAgent();
      }
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(old);
      assertThat(trial.writes().firstOfLaterSession(session)).isEmpty();
    }
  }

  /**
   * Its PostgreSQL is gone, so that nothing waits for it any more; the agent cannot repair that.
   */
  @Test
  void aCandidateOutsideOfTheSetIsRefused() throws Exception {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      var candidate = CLUSTER.others(old).getFirst();
      candidate.freezeAgent();
      try {
        candidate.killPostmaster();
        CLUSTER.awaitQuorum(old, 1);
        var outcome = switchover(old, candidate).get(90, TimeUnit.SECONDS);
        assertThat(outcome.body()).isEqualTo("candidate name does not match with sync_standby");
        assertThat(outcome.status()).isEqualTo(412);
      } finally {
        candidate.thawAgent();
      }
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(old);
    }
  }

  // --- the drain --------------------------------------------------------------------------------

  @Test
  void aStandbyWhoseWalReceiverHangsDoesNotHoldItUp() throws Exception {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      var candidate = CLUSTER.others(old).getFirst();
      var hangs = CLUSTER.others(old).getLast();
      var receiver = Long.parseLong(hangs.query("SELECT pid FROM pg_stat_wal_receiver").getFirst());
      var mark = old.logMark();
      OsProcess.signal("STOP", receiver);
      try {
        var first = switchover(old, candidate);
        awaitLog(old, mark, "PostgreSQL is stopped, and");
        var second = switchover(old, candidate).get(90, TimeUnit.SECONDS);
        assertThat(second.status()).as(second.body()).isEqualTo(409);
        assertThat(second.body()).startsWith("another switchover is under way");
        succeeds(trial, first, old, candidate, mark);
      } finally {
        if (OsProcess.lives(receiver)) {
          OsProcess.signal("CONT", receiver);
        }
      }
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(candidate);
    }
  }

  @Test
  void aLogicalSubscriberThatHangsDoesNotHoldItUp() throws Exception {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      var candidate = CLUSTER.others(old).getFirst();
      var mark = old.logMark();
      var subscriber = subscriber(old);
      try {
        OsProcess.signal("STOP", subscriber.pid());
        old.execute("CREATE TABLE much AS SELECT generate_series(1, 100000) AS x");
        succeeds(trial, switchover(old, candidate), old, candidate, mark);
      } finally {
        subscriber.destroyForcibly();
      }
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(candidate);
    }
  }

  private static void succeeds(
      Trial trial, CompletableFuture<Rest.Answer> answer, JvmNode old, JvmNode candidate, int mark)
      throws Exception {
    var outcome = answer.get(90, TimeUnit.SECONDS);
    assertThat(outcome.body()).isEqualTo("Successfully switched over to \"%s\"", candidate);
    var last = trial.writes().lastOf(old).orElseThrow().acknowledged();
    CLUSTER.await(
        "a row written to " + candidate,
        OUTAGE_MAX,
        () -> trial.writes().firstSince(List.of(candidate), last).isPresent());
    var first = trial.writes().firstSince(List.of(candidate), last).orElseThrow();
    var outage = Duration.ofNanos(first.acknowledged() - last);
    System.out.printf(
        "switchover beside one that hangs: %d ms without a primary%n", outage.toMillis());
    assertThat(outage).isLessThan(OUTAGE_MAX);
    assertThat(old.logSince(mark)).anyMatch(it -> it.contains(NOT_DRAINED));
  }

  private static Process subscriber(JvmNode node) throws IOException {
    node.query("SELECT pg_create_logical_replication_slot('sub', 'test_decoding')::text");
    var builder =
        new ProcessBuilder(
                "/usr/lib/postgresql/15/bin/pg_recvlogical",
                "--dbname=host=%s port=%d user=postgres dbname=postgres"
                    .formatted(node.place().host(), node.place().postgresPort()),
                "--slot=sub",
                "--start",
                "--file=-")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("PGPASSWORD", NodeFile.PASSWORD);
    var process = builder.start();
    CLUSTER.await(
        "the subscriber",
        Duration.ofSeconds(20),
        () ->
            node.query("SELECT slot_name FROM pg_replication_slots WHERE active").contains("sub"));
    return process;
  }

  // --- words ------------------------------------------------------------------------------------

  private static CompletableFuture<Rest.Answer> switchover(JvmNode leader, JvmNode candidate) {
    return CompletableFuture.supplyAsync(() ->
        leader
            .rest()
            .post(
                "/switchover",
                "{\"leader\": \"%s\", \"candidate\": \"%s\"}".formatted(leader, candidate),
                ANSWER));
  }

  private static void awaitLog(JvmNode node, int mark, String text) {
    CLUSTER.await(
        text,
        Duration.ofSeconds(20),
        () -> node.logSince(mark).stream().anyMatch(it -> it.contains(text)));
  }
}
