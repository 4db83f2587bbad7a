package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An operator asks for a fail-over to one certain node; in synchronous mode. */
class ForcedFailoverTest {
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final TestCluster CLUSTER = TestCluster.inQuorumMode("forced-failover", 3);

  @BeforeEach
  void startWhatIsDown() {
    CLUSTER.startAll();
    CLUSTER.awaitQuorum(CLUSTER.awaitWhole(), 2);
  }

  @AfterAll
  static void end() {
    CLUSTER.close();
  }

  @Test
  void whereANodeLeadsItHandsOver() {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      var candidate = CLUSTER.others(old).getFirst();
      var answer =
          old.rest().post("/failover", "{\"candidate\": \"%s\"}".formatted(candidate), ANSWER);
      assertThat(answer.body()).isEqualTo("Successfully failed over to \"%s\"", candidate);
      assertThat(answer.status()).isEqualTo(200);
      trial.judge();
      assertThat(CLUSTER.leader()).isEqualTo(candidate);
    }
  }

  /** One holder of the newest commits is dead, and the other one has lost its data. */
  @Test
  void whereNobodyMayLeadTheNamedNodeDoesAndTheLossIsWrittenDown() throws Exception {
    var dead = CLUSTER.leader();
    var emptied = CLUSTER.others(dead).getFirst();
    var behind = CLUSTER.others(dead).getLast();
    behind.crash();
    CLUSTER.awaitQuorum(dead, 1);
    dead.execute("CREATE TABLE newest AS SELECT 1 AS x");
    emptied.crash();
    dead.crash();
    Files.move(emptied.dataDir(), emptied.folder().resolve("data.away"));
    var living = List.of(emptied, behind);
    living.forEach(JvmNode::start);
    CLUSTER.await("one Pekko cluster of two", TestCluster.PATIENCE, () -> CLUSTER.isJoined(living));
    Await.holdsFor(Duration.ofSeconds(3), () -> CLUSTER.primary(living).isEmpty(), CLUSTER::state);

    var said = behind.operate("failover", "--candidate", behind.name(), "--force");
    assertThat(said).contains("Successfully failed over to \"%s\"".formatted(behind));
    assertThat(CLUSTER.awaitWhole(living)).isEqualTo(behind);
    assertThat(behind.query("SELECT to_regclass('newest')")).containsExactly((String) null);
    assertThat(lastOfHistory(behind)).contains("forced, commits may be lost: manual failover");

    dead.start();
    assertThat(CLUSTER.awaitWhole()).isEqualTo(behind);
    assertThat(dead.query("SELECT to_regclass('newest')")).containsExactly((String) null);
  }

  private static String lastOfHistory(JvmNode node) throws IOException {
    var history = node.rest().json("/history").orElseThrow();
    return history.get(history.size() - 1).toString();
  }
}
