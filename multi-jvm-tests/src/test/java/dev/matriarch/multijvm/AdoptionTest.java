package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
    first.execute("CREATE TABLE kept AS SELECT generate_series(1, 5000) AS n");
    var started = first.query("SELECT pg_postmaster_start_time()::text");
    first.start();
    // Two empty nodes are a majority, and would rightly make a new cluster without the first.
    cluster.await("its REST API", Duration.ofSeconds(30), () -> first.rest().self().isPresent());
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
