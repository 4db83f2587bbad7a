package dev.matriarch.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A HAProxy on the clients' host of a cluster at a switch, with the configuration that comes with
 * the distribution: who connects to it gets to the node that says that it is the primary, or to one
 * that says that it is a replica.
 */
public final class Router implements AutoCloseable {
  private static final int PRIMARY = 5000;
  private static final int REPLICAS = 5001;
  private static final String EXAMPLE_SERVER = "^ +server node[0-9]+ .*\\R";

  private final Process process;
  private final String namespace;

  private Router(Process process, String namespace) {
    this.process = process;
    this.namespace = namespace;
  }

  /** Starts one; it lets nobody through before it has asked the agents. */
  public static Router start(TestCluster cluster) {
    var namespace = cluster.network().clients();
    try {
      var configuration = cluster.folder().resolve("haproxy.cfg");
      Files.writeString(configuration, configuration(cluster));
      var process =
          new ProcessBuilder(
                  List.of(
                      "ip", "netns", "exec", namespace, "haproxy", "-db", "-f", "" + configuration))
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(cluster.logs().resolve("haproxy.log").toFile()))
              .start();
      return new Router(process, namespace);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The example's, with these nodes instead of its own. */
  private static String configuration(TestCluster cluster) throws IOException {
    var servers =
        cluster.dataNodes().stream()
            .map(it ->
                "    server %s %s maxconn 100 check port %d%n"
                    .formatted(it.name(), it.place().postgres(), it.place().restPort()))
            .collect(Collectors.joining());
    return Files.readString(Distribution.haproxyExample())
        .replaceAll("(?m)" + EXAMPLE_SERVER, "")
        .replaceAll("(?m)^ +default-server .*\\R", "$0" + servers);
  }

  /** Where the primary is reached. */
  public Place primary() {
    return door(PRIMARY);
  }

  /** Where replicas are reached, one after the other. */
  public Place replicas() {
    return door(REPLICAS);
  }

  private Place door(int port) {
    return new Place(Network.CLIENTS_HOST, 0, 0, port, Optional.of(namespace));
  }

  /**
   * Ends it.
   *
   * @throws IllegalStateException if it has ended before, as with a configuration it does not like
   */
  @Override
  public void close() {
    var lived = process.isAlive();
    process.destroyForcibly().onExit().join();
    if (!lived) {
      throw new IllegalStateException(
          "HAProxy ended with status %d; haproxy.log beside the agents' logs says why"
              .formatted(process.exitValue()));
    }
  }
}
