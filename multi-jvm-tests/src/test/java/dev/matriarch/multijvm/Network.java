package dev.matriarch.multijvm;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A switch and its cables: one network namespace for each node and one for the switch. Nothing of
 * it is in the host's own network. Needs root.
 */
final class Network implements AutoCloseable {
  private static final String SUBNET = "10.77.0.";
  private static final String NOBODY = "02:00:00:00:00:fe";

  private final String prefix;
  private final int size;
  private final List<String> namespaces = new ArrayList<>();

  private Network(String prefix, int size) {
    this.prefix = prefix;
    this.size = size;
  }

  /** Whether this process may make one. */
  static boolean isPossible() {
    return "root".equals(System.getProperty("user.name"))
        && OsProcess.run(List.of("ip", "-V")).contains("iproute2");
  }

  static Network of(int size) {
    var number = HexFormat.of().toHexDigits((short) new Random().nextInt());
    var network = new Network("mjt" + number, size);
    try {
      network.build();
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private void build() {
    var hub = add("sw");
    ip("-n", hub, "link", "add", "br0", "type", "bridge");
    ip("-n", hub, "link", "set", "br0", "up");
    for (var node = 1; node <= size; node++) {
      var own = add("n" + node);
      ip(
          "-n",
          hub,
          "link",
          "add",
          port(node),
          "type",
          "veth",
          "peer",
          "name",
          "eth0",
          "netns",
          own);
      ip("-n", hub, "link", "set", port(node), "master", "br0", "up");
      ip("-n", own, "addr", "add", host(node) + "/24", "dev", "eth0");
      ip("-n", own, "link", "set", "lo", "up");
      ip("-n", own, "link", "set", "eth0", "up");
    }
  }

  private String add(String suffix) {
    var name = prefix + suffix;
    ip("netns", "add", name);
    namespaces.add(name);
    return name;
  }

  /** The place of a node, counted from 1. */
  Place place(int node) {
    return new Place(host(node), 7400, 8008, 5432, Optional.of(namespace(node)));
  }

  /** Pulls the cable of a node: the others and it hear nothing of each other. */
  void unplug(int node) {
    ip("-n", prefix + "sw", "link", "set", port(node), "down");
  }

  void plug(int node) {
    ip("-n", prefix + "sw", "link", "set", port(node), "up");
  }

  /** What a node sends to the other one is lost silently; the way back stays open. */
  void cutWay(int from, int to) {
    ip(
        "-n",
        namespace(from),
        "neigh",
        "replace",
        host(to),
        "lladdr",
        NOBODY,
        "dev",
        "eth0",
        "nud",
        "permanent");
  }

  void openWay(int from, int to) {
    ip("-n", namespace(from), "neigh", "del", host(to), "dev", "eth0");
  }

  private static String host(int node) {
    return SUBNET + node;
  }

  private static String port(int node) {
    return "port" + node;
  }

  private String namespace(int node) {
    return prefix + "n" + node;
  }

  private static void ip(String... words) {
    var command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words));
    OsProcess.require(command);
  }

  /** Takes the namespaces away; what ran in them must have ended. */
  @Override
  public void close() {
    for (var namespace : namespaces) {
      Sockets.forget(namespace);
      OsProcess.run(List.of("ip", "netns", "del", namespace));
    }
    namespaces.clear();
  }
}
