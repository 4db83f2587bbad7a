package dev.matriarch.deploy.demo;

import dev.matriarch.deploy.cli.CliFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The cluster that the demo started, as its file {@code demo.properties} describes it.
 *
 * @param directory holds everything: one folder a node, the logs, {@code pgpass}, {@code start}
 * @param primaryPort HAProxy's port that leads to the primary
 * @param replicaPort HAProxy's port that leads to the replicas
 */
record DemoCluster(
    Path directory, int primaryPort, int replicaPort, String password, List<DemoNode> nodes) {

  /** One node; all its processes carry its folder in their command lines. */
  record DemoNode(String name, int postgresPort, int restPort, Path folder) {
    URI rest() {
      return URI.create("http://127.0.0.1:" + restPort);
    }

    Path agentPidFile() {
      return folder.resolve("agent.pid");
    }

    Path postmasterPidFile() {
      return folder.resolve("data/postmaster.pid");
    }
  }

  /**
   * @throws CliFailure when the directory holds no demo
   */
  static DemoCluster read(Path directory) {
    var values = new Properties();
    var file = directory.resolve("demo.properties");
    try (var reader = Files.newBufferedReader(file)) {
      values.load(reader);
    } catch (IOException failure) {
      throw new CliFailure("no demo in " + directory + ": cannot read " + file);
    }
    var nodes =
        Stream.of(required(values, "nodes", file).split(" "))
            .map(name ->
                new DemoNode(
                    name,
                    port(values, name + ".postgres", file),
                    port(values, name + ".rest", file),
                    directory.resolve(name)))
            .toList();
    return new DemoCluster(
        directory,
        port(values, "haproxy.primary", file),
        port(values, "haproxy.replicas", file),
        required(values, "password", file),
        nodes);
  }

  DemoNode node(String name) {
    return nodes.stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new CliFailure("the demo has no node " + name));
  }

  /** The connection of an administrator to a port of this machine. */
  String jdbcUrl(int port) {
    return "jdbc:postgresql://127.0.0.1:"
        + port
        + "/postgres?user=postgres&password="
        + password
        + "&connectTimeout=1&socketTimeout=3&loginTimeout=2&ApplicationName=demo";
  }

  private static int port(Properties values, String key, Path file) {
    return Integer.parseInt(required(values, key, file));
  }

  private static String required(Properties values, String key, Path file) {
    var value = values.getProperty(key);
    if (value == null) {
      throw new CliFailure(file + ": " + key + " is missing");
    }
    return value;
  }
}
