package dev.matriarch.deploy.cli;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** What every command starts with: the agents that the operator named, and their cluster. */
final class Asked {
  private Asked() {}

  /** Options behind the command win over those before it. */
  static AgentClient agents(Connection own, CommandSpec command) {
    var given = own.isGiven() ? own : global(command);
    return new AgentClient(given.addresses(System.getenv()), given.authorization(System.getenv()));
  }

  static Connection global(CommandSpec command) {
    var mixin = command.root().mixins().get(Connection.GLOBAL);
    if (mixin != null && mixin.userObject() instanceof Connection connection) {
      return connection;
    }
    throw new IllegalStateException("the root command has no mixin " + Connection.GLOBAL);
  }

  /**
   * The cluster, if it is the one that was asked for.
   *
   * @throws CliFailure when the agents are of a cluster with another name
   */
  static ClusterReport cluster(AgentClient agents, List<String> scopes) {
    var cluster = agents.cluster();
    if (!scopes.isEmpty() && !scopes.contains(cluster.scope())) {
      throw new CliFailure(
          "the agents belong to the cluster %s, not to %s"
              .formatted(cluster.scope(), String.join(", ", scopes)));
    }
    return cluster;
  }
}
