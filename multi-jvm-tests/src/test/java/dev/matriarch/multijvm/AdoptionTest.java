package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An agent is put beside a PostgreSQL that was there before. */
class AdoptionTest {
  private final TestCluster cluster = TestCluster.onLoopback("adoption", 3);

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void aRunningPrimaryIsAdoptedWithoutARestartAndTheOthersCopyIt() {
    // The last by name: were the three alike, another would begin.
    var first = cluster.node(3);
    ForeignData.make(first);
    ForeignData.start(first);
    first.execute("CREATE TABLE kept AS SELECT generate_series(1, 5000) AS n");
    var started = startTime(first);
    cluster.startAll();
    assertThat(cluster.awaitWhole()).isEqualTo(first);
    assertThat(startTime(first)).isEqualTo(started);
    assertThat(first.guarded()).as("guardian").isPresent();
    for (var node : cluster.nodes()) {
      assertThat(node.query("SELECT count(*) FROM kept")).containsExactly("5000");
    }
    // A test of the guardian: it is the adopted PostgreSQL that it stops.
    first.killAgent();
    var next = cluster.awaitPrimary(cluster.others(first), Duration.ofSeconds(30));
    assertThat(first.isPostgresRunning()).isFalse();
    assertThat(next.query("SELECT count(*) FROM kept")).containsExactly("5000");
    first.start();
    assertThat(cluster.awaitWhole()).isEqualTo(next);
  }

  @Test
  void stoppedDataAreAdoptedAlthoughTheirAgentComesLast() {
    var last = cluster.node(3);
    ForeignData.make(last);
    cluster.node(1).start();
    cluster.node(2).start();
    last.start();
    assertThat(cluster.awaitWhole()).isEqualTo(last);
  }

  @Test
  void aRunningPrimaryOfAnotherClusterGoesOnUntouched() {
    var stranger = cluster.node(3);
    var members = List.of(cluster.node(1), cluster.node(2));
    members.forEach(JvmNode::start);
    cluster.awaitWhole(members);
    ForeignData.make(stranger);
    ForeignData.start(stranger);
    var started = startTime(stranger);
    stranger.start();
    cluster.await(
        "a refusal in the log",
        Duration.ofSeconds(20),
        () -> stranger.log().stream().anyMatch(it -> it.contains("of another cluster")));
    Await.holdsFor(
        Duration.ofSeconds(3),
        () ->
            startTime(stranger).equals(started)
                && !stranger.rest().isPrimary()
                && !stranger.rest().get("/replica").ok(),
        cluster::state);
    assertThat(stranger.stop(Duration.ofSeconds(20))).isZero();
    assertThat(startTime(stranger)).isEqualTo(started);
  }

  private static List<String> startTime(JvmNode node) {
    return node.query("SELECT pg_postmaster_start_time()::text");
  }
}
