package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** In {@code synchronous_mode: on}: for how many standbys commits wait, and for which. */
class SynchronousTagsTest {
  private static final String ROLE = "sync_standby";

  /** Together less than a second: a standby that is silent for so long leaves the set. */
  private static final Duration FROZEN_MAX = Duration.ofMillis(600);

  private static final Duration FROZEN_STILL = Duration.ofMillis(200);

  /** Longer than any change of the set takes. */
  private static final Duration LONG = Duration.ofSeconds(3);

  private static final long LAG_MAX = 1 << 20;

  @Test
  void commitsWaitForBothOfTwoAndNeverForOneThatMustNotBeSynchronous() throws Exception {
    var settings =
        ClusterSettings.small(Duration.ofSeconds(5))
            .with("synchronous_mode", "on")
            .with("synchronous_node_count", "2");
    try (var cluster = TestCluster.onLoopback("synchronous-count", 3, settings)) {
      cluster.startAll();
      try (var trial = Trial.on(cluster)) {
        var leader = cluster.leader();
        var both = cluster.others(leader);
        awaitSet(cluster, leader, both);
        for (var standby : both) {
          assertCommitsWaitFor(leader, standby);
        }
        assertThat(cluster.withRole(leader, ROLE)).isEqualTo(both);
        var never = both.getFirst();
        var other = both.getLast();
        never.stop(TestCluster.PATIENCE);
        never.setTags(Map.of("nosync", "true"));
        never.start();
        assertThat(cluster.awaitWhole()).isEqualTo(leader);
        awaitSet(cluster, leader, List.of(other));
        other.stop(TestCluster.PATIENCE);
        awaitSet(cluster, leader, List.of());
        var alone = System.nanoTime();
        Await.holdsFor(
            LONG,
            () ->
                synchronous(leader).isEmpty()
                    && cluster.withRole(leader, ROLE).isEmpty()
                    && streams(leader, never),
            cluster::state);
        assertThat(trial.writes().firstSince(List.of(leader), alone)).isPresent();
        other.start();
        trial.judge();
        awaitSet(cluster, leader, List.of(other));
      }
    }
  }

  /** Behind means: its disk has not got what the best standby's disk has. */
  @Test
  void theHigherPriorityIsSynchronousUnlessItIsTooFarBehind() {
    assumeTrue(Network.isPossible(), "network namespaces need root and iproute2");
    var settings =
        ClusterSettings.small(Duration.ofSeconds(5))
            .with("synchronous_mode", "on")
            .with("maximum_lag_on_syncnode", Long.toString(LAG_MAX));
    try (var cluster = TestCluster.atSwitch("synchronous-priority", 3, settings)) {
      for (var node : cluster.nodes()) {
        node.setTags(Map.of("sync_priority", Integer.toString(cluster.number(node))));
      }
      cluster.startAll();
      try (var trial = Trial.on(cluster)) {
        var leader = cluster.leader();
        var preferred = cluster.others(leader).getLast();
        var other = cluster.others(leader).getFirst();
        awaitSet(cluster, leader, List.of(preferred));
        cluster.network().narrow(cluster.number(preferred));
        try (var _ = Backlog.of(leader, preferred, 2 * LAG_MAX)) {
          awaitSet(cluster, leader, List.of(other));
          var behind = System.nanoTime();
          var answered = answer(leader, preferred);
          Await.holdsFor(
              LONG,
              () ->
                  cluster.withRole(leader, ROLE).equals(List.of(other))
                      && streams(leader, preferred),
              cluster::state);
          assertThat(answer(leader, preferred)).as("it is not silent").isNotEqualTo(answered);
          assertThat(trial.writes().firstSince(List.of(leader), behind)).isPresent();
        }
        cluster.network().widen(cluster.number(preferred));
        awaitSet(cluster, leader, List.of(preferred));
        trial.judge();
        assertThat(cluster.leader()).isEqualTo(leader);
      }
    }
  }

  // --- who is synchronous -----------------------------------------------------------------------

  /** Waits until the leader, its PostgreSQL and the standbys themselves say so. */
  private static void awaitSet(TestCluster cluster, JvmNode leader, List<JvmNode> set) {
    cluster.await(
        set + " as " + ROLE,
        TestCluster.PATIENCE,
        () ->
            cluster.withRole(leader, ROLE).equals(set)
                && synchronous(leader).equals(names(set))
                && cluster.others(leader).stream()
                    .allMatch(it -> it.rest().get("/sync").ok() == set.contains(it)));
  }

  private static Set<String> names(List<JvmNode> nodes) {
    return nodes.stream().map(JvmNode::name).collect(Collectors.toCollection(TreeSet::new));
  }

  /** For whom PostgreSQL waits. */
  private static Set<String> synchronous(JvmNode leader) {
    return new TreeSet<>(
        leader.query(
            "SELECT split_part(application_name, '_', 1) FROM pg_stat_replication"
                + " WHERE sync_state = 'sync'"));
  }

  private static boolean streams(JvmNode leader, JvmNode standby) {
    return replication(leader, standby, "state").equals(List.of("streaming"));
  }

  /** When the standby has sent its last answer, by its own clock. */
  private static List<String> answer(JvmNode leader, JvmNode standby) {
    return replication(leader, standby, "reply_time");
  }

  private static List<String> replication(JvmNode leader, JvmNode standby, String what) {
    return leader.query(
        "SELECT %s FROM pg_stat_replication WHERE split_part(application_name, '_', 1) = '%s'"
            .formatted(what, standby));
  }

  private static void assertCommitsWaitFor(JvmNode leader, JvmNode standby) throws Exception {
    var sender = Long.parseLong(replication(leader, standby, "pid").getFirst());
    try (var client = leader.connect();
        var statement = client.createStatement()) {
      var waiting =
          "SELECT wait_event FROM pg_stat_activity WHERE pid = %d"
              .formatted(client.unwrap(PGConnection.class).getBackendPID());
      OsProcess.signal("STOP", sender);
      var commit = CompletableFuture.runAsync(() -> commit(statement));
      try {
        BooleanSupplier waits = () -> leader.query(waiting).equals(List.of("SyncRep"));
        Await.until("a commit that waits for " + standby, FROZEN_MAX, waits);
        Await.holdsFor(FROZEN_STILL, waits, () -> "a commit that did not wait for " + standby);
      } finally {
        OsProcess.signal("CONT", sender);
      }
      commit.get(10, TimeUnit.SECONDS);
    }
  }

  private static void commit(Statement statement) {
    try {
      statement.execute("SELECT pg_logical_emit_message(true, 'trial', '')");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
