package dev.matriarch.multijvm.chaos.workload;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.matriarch.multijvm.ClusterSettings;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.Network;
import dev.matriarch.multijvm.Place;
import dev.matriarch.multijvm.Router;
import dev.matriarch.multijvm.TestCluster;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DoorTest {
  private static final ClusterSettings SMALL = ClusterSettings.small(Duration.ofSeconds(5));

  @Test
  void aRouterLetsWritersToThePrimaryAndReadersToTheReplica() {
    assumeTrue(Network.isPossible(), "network namespaces need root and iproute2");
    try (var cluster = TestCluster.atSwitch("door", 2, SMALL)) {
      cluster.startAll();
      cluster.await("a leader", TestCluster.PATIENCE, () -> cluster.isWhole(cluster.nodes()));
      var leader = cluster.leader();
      var tables = Tables.make(leader);
      try (var router = Router.start(cluster)) {
        awaitReached(cluster, tables, router.primary(), leader);
        awaitReached(cluster, tables, router.replicas(), cluster.others(leader).getFirst());
      }
    }
  }

  private static void awaitReached(
      TestCluster cluster, Tables tables, Place place, JvmNode expected) {
    var door = new Door(place, cluster.dataNodes());
    cluster.await(
        expected + " behind " + place.postgres(),
        TestCluster.PATIENCE,
        () -> reached(door, tables).filter(expected::equals).isPresent());
  }

  private static Optional<JvmNode> reached(Door door, Tables tables) {
    try (var connection =
        tables.connect(door.place(), door.place().namespace(), Duration.ofSeconds(2))) {
      return Optional.of(door.reached(connection));
    } catch (SQLException closed) {
      return Optional.empty();
    }
  }
}
