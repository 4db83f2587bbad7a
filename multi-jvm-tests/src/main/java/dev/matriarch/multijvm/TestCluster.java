package dev.matriarch.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Agents with their PostgreSQL on this host, in a temporary folder. The logs of the agents stay in
 * {@code target/cluster-logs}; all else is gone after {@link #close}, and nothing runs any more.
 */
public final class TestCluster implements AutoCloseable {
  /** Longer than anything but a copy of much data takes, on a busy machine too. */
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final ClusterSettings SMALL = ClusterSettings.small(Duration.ofSeconds(5));

  private final Path folder;
  private final Path logs;
  private final Optional<Network> network;
  private final List<JvmNode> nodes = new ArrayList<>();
  private final List<Runnable> beforeEnd = new ArrayList<>();
  private final List<Runnable> afterEnd = new ArrayList<>();
  private final Thread lastResort = new Thread(this::end, "end-cluster");

  private TestCluster(Path folder, Path logs, Optional<Network> network) {
    this.folder = folder;
    this.logs = logs;
    this.network = network;
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /** Not started; on ports of 127.0.0.1. */
  static TestCluster onLoopback(String name, int size) {
    return onLoopback(name, size, SMALL);
  }

  /** As {@link #onLoopback(String, int)}, with {@code synchronous_mode: quorum}. */
  static TestCluster inQuorumMode(String name, int size) {
    return onLoopback(name, size, quorumMode());
  }

  /** The settings of {@link #inQuorumMode}. */
  static ClusterSettings quorumMode() {
    return SMALL.with("synchronous_mode", "quorum");
  }

  /**
   * As {@link #onLoopback(String, int)}.
   *
   * @param lease the {@code ttl}, in whole seconds
   */
  static TestCluster onLoopback(String name, int size, Duration lease) {
    return onLoopback(name, size, ClusterSettings.small(lease));
  }

  /** As {@link #inQuorumMode(String, int)}, with one key more. */
  static TestCluster inQuorumMode(String name, int size, String key, String value) {
    return onLoopback(name, size, SMALL.with("synchronous_mode", "quorum").with(key, value));
  }

  /** As {@link #onLoopback(String, int)}, with other settings. */
  static TestCluster onLoopback(String name, int size, ClusterSettings settings) {
    var places = new TreeMap<String, Place>();
    for (var node = 1; node <= size; node++) {
      places.put(
          "node" + node,
          new Place(
              "127.0.0.1", FreePorts.next(), FreePorts.next(), FreePorts.next(), Optional.empty()));
    }
    return make(name, places, Optional.empty(), settings, 0);
  }

  /** Not started; each node in a network of its own, at a switch. */
  static TestCluster atSwitch(String name, int size) {
    return atSwitch(name, size, SMALL);
  }

  /** As {@link #atSwitch(String, int)}, with other settings. */
  public static TestCluster atSwitch(String name, int size, ClusterSettings settings) {
    return atSwitch(name, size, settings, 0);
  }

  /**
   * As {@link #atSwitch(String, int)}, with other settings.
   *
   * @param witnesses how many of the nodes, the last ones, have no PostgreSQL
   */
  public static TestCluster atSwitch(
      String name, int size, ClusterSettings settings, int witnesses) {
    var network = Network.of(size);
    var places = new TreeMap<String, Place>();
    for (var node = 1; node <= size; node++) {
      places.put("node" + node, network.place(node));
    }
    return make(name, places, Optional.of(network), settings, witnesses);
  }

  private static TestCluster make(
      String name,
      Map<String, Place> places,
      Optional<Network> network,
      ClusterSettings settings,
      int witnesses) {
    Distribution.program();
    try {
      var folder = Files.createTempDirectory("matriarch-trial");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      var logs = Path.of(System.getProperty("basedir", ""), "target/cluster-logs", name);
      Files.createDirectories(logs);
      var cluster = new TestCluster(folder, logs, network);
      for (var node : places.keySet()) {
        var witness = cluster.nodes.size() >= places.size() - witnesses;
        cluster.nodes.add(cluster.node(node, witness, places, settings));
      }
      return cluster;
    } catch (IOException e) {
      network.ifPresent(Network::close);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      network.ifPresent(Network::close);
      throw e;
    }
  }

  private JvmNode node(
      String name, boolean witness, Map<String, Place> all, ClusterSettings settings)
      throws IOException {
    var place = Objects.requireNonNull(all.get(name));
    var home = Files.createDirectory(folder.resolve(name));
    OsProcess.require(List.of("chown", "postgres:postgres", home.toString()));
    var file = folder.resolve(name + ".yml");
    Files.writeString(file, NodeFile.text(name, home, place, all, settings, witness));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    var log = logs.resolve(name + ".log");
    Files.deleteIfExists(log);
    return new JvmNode(name, place, witness, home, file, log);
  }

  /** Holds all that the nodes write; processes that work in it end with the cluster. */
  public Path folder() {
    return folder;
  }

  /** Holds the logs of the agents, and is left. */
  public Path logs() {
    return logs;
  }

  // --- nodes ------------------------------------------------------------------------------------

  public List<JvmNode> nodes() {
    return List.copyOf(nodes);
  }

  /** Those with PostgreSQL. */
  public List<JvmNode> dataNodes() {
    return nodes.stream().filter(it -> !it.isWitness()).toList();
  }

  /** Counted from 1. */
  public JvmNode node(int number) {
    return nodes.get(number - 1);
  }

  public int number(JvmNode node) {
    return nodes.indexOf(node) + 1;
  }

  public List<JvmNode> others(JvmNode node) {
    return nodes.stream().filter(it -> !it.equals(node)).toList();
  }

  public Network network() {
    return network.orElseThrow();
  }

  /** All whose agents do not run. */
  public void startAll() {
    nodes.stream().filter(it -> !it.isAgentAlive()).forEach(JvmNode::start);
  }

  /** The node that calls itself the primary. */
  public Optional<JvmNode> primary(List<JvmNode> among) {
    return among.stream().filter(it -> it.rest().isPrimary()).findFirst();
  }

  public JvmNode leader() {
    return primary(nodes).orElseThrow(() -> new AssertionError("no primary\n" + state()));
  }

  // --- waiting ----------------------------------------------------------------------------------

  public Duration await(String what, Duration patience, BooleanSupplier condition) {
    return Await.until(what, patience, condition, this::state);
  }

  /** Waits until every node agrees that all stream from one leader, in one Pekko cluster. */
  JvmNode awaitWhole() {
    await("one leader, and all others streaming from it", PATIENCE, () -> isWhole(nodes));
    return leader();
  }

  /** As {@link #awaitWhole} without the nodes that are down. */
  JvmNode awaitWhole(List<JvmNode> living) {
    await("%s as one cluster".formatted(living), PATIENCE, () -> isWhole(living));
    return primary(living).orElseThrow();
  }

  public boolean isWhole(List<JvmNode> living) {
    var witnesses = Math.toIntExact(living.stream().filter(JvmNode::isWitness).count());
    return living.stream()
            .allMatch(
                it -> view(it).filter(view -> view.isWhole(living.size(), witnesses)).isPresent())
        && living.stream().map(it -> view(it).flatMap(ClusterView::leader)).distinct().count() == 1
        && isJoined(living)
        && primary(living).filter(TestCluster::isPromoted).isPresent();
  }

  /** The holder of the lease answers as primary while it is being promoted. */
  private static boolean isPromoted(JvmNode node) {
    return node.rest().self().filter(it -> it.path("role").asText().equals("primary")).isPresent();
  }

  /** Whether the agents are in one Pekko cluster. */
  boolean isJoined(List<JvmNode> living) {
    return living.stream()
        .map(it -> it.rest().metric("matriarch_members_joined").orElse(0.0))
        .allMatch(it -> it == living.size());
  }

  /** Waits for a new primary among these nodes. */
  public JvmNode awaitPrimary(List<JvmNode> among, Duration patience) {
    return awaitValue("a primary among " + among, patience, () -> primary(among));
  }

  /** The timeline that a node says it is on; a busy one may need several questions. */
  public int awaitTimeline(JvmNode node) {
    return awaitValue(
        "the timeline of " + node,
        PATIENCE,
        () -> node.rest().self().map(it -> it.path("timeline").asInt()).filter(it -> it > 0));
  }

  /** What a node says of all. */
  public ClusterView awaitView(JvmNode node) {
    return awaitValue("the view of " + node, PATIENCE, () -> view(node));
  }

  /** Waits until the set has so many standbys, as the leader says. */
  void awaitQuorum(JvmNode leader, int standbys) {
    await(
        standbys + " standbys in the quorum",
        PATIENCE,
        () ->
            leader.rest().json("/cluster").stream()
                    .flatMap(it -> it.path("members").findValuesAsText("role").stream())
                    .filter("quorum_standby"::equals)
                    .count()
                == standbys);
  }

  /** Those to which the leader gives this role, in the order of the nodes. */
  List<JvmNode> withRole(JvmNode leader, String role) {
    var view = view(leader);
    return others(leader).stream()
        .filter(node ->
            view.flatMap(it -> it.member(node.name()))
                .filter(it -> it.role().equals(role))
                .isPresent())
        .toList();
  }

  private <T> T awaitValue(String what, Duration patience, Supplier<Optional<T>> question) {
    var found = new ArrayList<T>();
    await(
        what,
        patience,
        () -> {
          question.get().ifPresent(found::add);
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  public static Optional<ClusterView> view(JvmNode node) {
    return node.rest().json("/cluster").map(ClusterView::of);
  }

  public int timeline() {
    return leader().rest().self().map(it -> it.path("timeline").asInt()).orElseThrow();
  }

  /** For the message of a failure. */
  public String state() {
    var views =
        nodes.stream()
            .map(it ->
                "%s: %s, joined with %s"
                    .formatted(
                        it,
                        view(it).map(Objects::toString).orElse("does not answer"),
                        it.rest().metric("matriarch_members_joined").orElse(0.0)))
            .collect(Collectors.joining(System.lineSeparator()));
    var logs = nodes.stream().map(it -> it.logTail(40)).collect(Collectors.joining("\n"));
    return views + System.lineSeparator() + logs;
  }

  // --- the end ----------------------------------------------------------------------------------

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(lastResort);
    end();
  }

  /**
   * Has something undone that was done to the nodes, whenever and however the cluster ends.
   *
   * @param before the processes are killed
   * @param after that, and before the folder is deleted
   */
  public synchronized void whenItEnds(Runnable before, Runnable after) {
    beforeEnd.add(before);
    afterEnd.add(after);
  }

  private synchronized void end() {
    beforeEnd.forEach(Runnable::run);
    try {
      OsProcess.killAll(folder);
    } finally {
      afterEnd.forEach(Runnable::run);
      network.ifPresent(Network::close);
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    try (var paths = Files.walk(folder)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
