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
    var first = cluster.node(1);
    ForeignData.make(first);
    ForeignData.start(first);
    first.execute(
        "CREATE ROLE replicator LOGIN REPLICATION PASSWORD '%s'"
            .formatted(NodeFile.REPLICATION_PASSWORD));
    first.execute("CREATE TABLE kept AS SELECT generate_series(1, 5000) AS n");
    var started = first.query("SELECT pg_postmaster_start_time()::text");
    // One after the other: without the first, two empty nodes would rightly make a new cluster.
    first.start();
    cluster.node(2).start();
    assertThat(cluster.awaitWhole(List.of(first, cluster.node(2)))).isEqualTo(first);
    cluster.startAll();
    assertThat(cluster.awaitWhole()).isEqualTo(first);
    assertThat(first.query("SELECT pg_postmaster_start_time()::text")).isEqualTo(started);
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
}
