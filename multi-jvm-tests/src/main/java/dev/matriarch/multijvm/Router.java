package dev.matriarch.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A HAProxy on the clients' host of a cluster at a switch, with the configuration that comes with
 * the distribution: who connects to it gets to the node that says that it is the primary, or to one
 * that says that it is a replica.
 */
public final class Router implements AutoCloseable {
  private static final int PRIMARY = 5000;
  private static final int REPLICAS = 5001;
  private static final int STATISTICS = 7000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  // HAProxy's documentation, management.txt, "CSV format".
  private static final Set<String> DOORS = Set.of("primary", "replicas");
  private static final Set<String> SETTLED = Set.of("UP", "DOWN");
  private static final int STATUS = 17;
  private static final int CHECK = 36;

  private static final String EXAMPLE_SERVER = "^ +server node[0-9]+ .*\\R";

  private final Process process;
  private final String namespace;

  private Router(Process process, String namespace) {
    this.process = process;
    this.namespace = namespace;
  }

  /** Starts one, and waits until it has asked all agents: before that it takes all for up. */
  public static Router start(TestCluster cluster) {
    var router = started(cluster);
    Await.until("HAProxy to have asked all agents", PATIENCE, router::hasAsked);
    return router;
  }

  private static Router started(TestCluster cluster) {
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

  /** One that has failed its first check is still up, and shown as {@code UP 1/2}. */
  private boolean hasAsked() {
    var servers =
        statistics().lines().map(it -> it.split(",", -1)).filter(Router::isServer).toList();
    return !servers.isEmpty()
        && servers.stream()
            .allMatch(it ->
                SETTLED.contains(it[STATUS]) && !it[CHECK].isEmpty() && !it[CHECK].equals("INI"));
  }

  private static boolean isServer(String[] row) {
    return row.length > CHECK
        && DOORS.contains(row[0])
        && !row[1].equals("FRONTEND")
        && !row[1].equals("BACKEND");
  }

  /** Its page of statistics as comma-separated values; empty while it is not there. */
  private String statistics() {
    try (var socket = new Sockets(namespace).createSocket("127.0.0.1", STATISTICS)) {
      socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
      socket.getOutputStream().write("GET /;csv HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException notThere) {
      return "";
    }
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
