package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.check.Mode;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Optional;

/** Whether all is as it was before anything happened. */
final class Wholeness {
  private final TestCluster cluster;
  private final Mode mode;

  Wholeness(TestCluster cluster, Mode mode) {
    this.cluster = cluster;
    this.mode = mode;
  }

  /** Whether commits go on without any one of those that have data. */
  boolean canMissOne() {
    return Members.of(cluster).canMissOne(mode);
  }

  /** The first thing that is not. */
  Optional<String> missing() {
    var nodes = cluster.nodes();
    var members = Members.of(cluster);
    var dead = nodes.stream().filter(it -> !it.isAgentAlive()).findFirst();
    if (dead.isPresent()) {
      return Optional.of("the agent of %s has ended".formatted(dead.get()));
    }
    if (!cluster.isWhole(nodes)) {
      return Optional.of("all nodes agree that all stream from one leader");
    }
    var inForce =
        cluster
            .primary(nodes)
            .flatMap(TestCluster::view)
            .filter(it -> Modes.isInForce(it, mode, members))
            .isPresent();
    if (!inForce) {
      return Optional.of("commits wait for all standbys that they should wait for");
    }
    return missingConnection().or(this::missingVote);
  }

  /** Members that stream may refuse their clients all the same. */
  private Optional<String> missingConnection() {
    return cluster.dataNodes().stream()
        .filter(it -> !takesConnections(it))
        .findFirst()
        .map("%s takes connections"::formatted);
  }

  private static boolean takesConnections(JvmNode node) {
    try (var connection = node.connect()) {
      return connection.isValid(1);
    } catch (SQLException refused) {
      return false;
    }
  }

  private Optional<String> missingVote() {
    var files = new LinkedHashMap<JvmNode, VoterFile>();
    for (var node : cluster.nodes()) {
      var file = VoterFile.of(node);
      if (file.isEmpty()) {
        return Optional.of("%s has a vote".formatted(node));
      }
      if (file.get().fenced()) {
        return Optional.of("%s is not fenced any more".formatted(node));
      }
      files.put(node, file.get());
    }
    for (var file : files.values()) {
      for (var voter : files.entrySet()) {
        if (!file.counts(voter.getKey().name(), voter.getValue().store())) {
          return Optional.of("the vote of %s counts".formatted(voter.getKey()));
        }
      }
    }
    return Optional.empty();
  }
}
