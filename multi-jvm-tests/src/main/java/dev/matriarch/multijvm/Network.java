package dev.matriarch.multijvm;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A switch and its cables: one network namespace for each node, one for the clients and one for the
 * switch. Nothing of it is in the host's own network. Needs root.
 */
public final class Network implements AutoCloseable {
  private static final String SUBNET = "10.77.0.";
  private static final int CLIENTS = 200;

  /** The address of the clients. */
  static final String CLIENTS_HOST = SUBNET + CLIENTS;

  /** A filter that loses what comes from the addresses in its set. */
  private static final String CUTS =
      """
      table inet cuts {
        set from { type ipv4_addr; }
        chain arriving { type filter hook prerouting priority -300; ip saddr @from drop; }
      }
      """;

  /** One that loses a part of it. */
  private static final String LOSSES =
      """
      table inet losses {
        set from { type ipv4_addr; }
        chain arriving {
          type filter hook prerouting priority -290;
          ip saddr @from numgen random mod 100 < 30 drop
        }
      }
      """;

  private final String prefix;
  private final int size;
  private final List<String> namespaces = new ArrayList<>();
  private final Set<String> filtered = new HashSet<>();
  private final Set<String> lossy = new HashSet<>();

  private Network(String prefix, int size) {
    this.prefix = prefix;
    this.size = size;
  }

  /** Whether this process may make one. */
  public static boolean isPossible() {
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
      connect(hub, add("n" + node), node);
    }
    connect(hub, add("c"), CLIENTS);
  }

  private static void connect(String hub, String own, int number) {
    ip(
        List.of("-n", hub, "link", "add", port(number), "type", "veth"),
        List.of("peer", "name", "eth0", "netns", own));
    ip("-n", hub, "link", "set", port(number), "master", "br0", "up");
    ip("-n", own, "addr", "add", host(number) + "/24", "dev", "eth0");
    ip("-n", own, "link", "set", "lo", "up");
    ip("-n", own, "link", "set", "eth0", "up");
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

  /** The network namespace of a host where no node lives. */
  public String clients() {
    return prefix + "c";
  }

  /** Pulls the cable of a node: the others and it hear nothing of each other. */
  public void unplug(int node) {
    ip("-n", prefix + "sw", "link", "set", port(node), "down");
  }

  public void plug(int node) {
    ip("-n", prefix + "sw", "link", "set", port(node), "up");
  }

  /**
   * Gives a node the network of a machine that has just been switched on, with its cable in. The
   * kernel of a dead machine sends nothing any more; a namespace would, when its cable is back: the
   * answers of processes that were killed.
   */
  public void renew(int node) {
    var own = namespace(node);
    Sockets.forget(own);
    ip("-n", prefix + "sw", "link", "del", port(node));
    ip("netns", "del", own);
    ip("netns", "add", own);
    // Whoever asked for a socket meanwhile has kept the old one in being.
    Sockets.forget(own);
    filtered.remove(own);
    lossy.remove(own);
    connect(prefix + "sw", own, node);
  }

  /**
   * What a node sends to the other one is lost silently; the way back stays open.
   *
   * @throws IllegalStateException without nftables
   */
  public void cutWay(int from, int to) {
    if (filtered.add(namespace(to))) {
      nft(to, CUTS);
    }
    nft(to, "add element inet cuts from { %s }".formatted(host(from)));
  }

  public void openWay(int from, int to) {
    nft(to, "delete element inet cuts from { %s }".formatted(host(from)));
  }

  /**
   * Of what a node sends to the other one three packets in ten are lost.
   *
   * @throws IllegalStateException without nftables, or if the kernel cannot draw lots for packets
   */
  public void losePart(int from, int to) {
    if (lossy.add(namespace(to))) {
      nft(to, LOSSES);
    }
    nft(to, "add element inet losses from { %s }".formatted(host(from)));
  }

  public void loseNothing(int from, int to) {
    nft(to, "delete element inet losses from { %s }".formatted(host(from)));
  }

  /**
   * What all others send to a node gets there at four megabytes a second, whatever it is.
   *
   * @throws IllegalStateException if the kernel cannot shape
   */
  void narrow(int node) {
    var command = List.of("tc", "-n", prefix + "sw", "qdisc", "add", "dev", port(node), "root");
    var shape = List.of("tbf", "rate", "32mbit", "burst", "64kb", "latency", "100ms");
    OsProcess.require(Stream.of(command, shape).flatMap(List::stream).toList());
  }

  void widen(int node) {
    OsProcess.require(
        List.of("tc", "-n", prefix + "sw", "qdisc", "del", "dev", port(node), "root"));
  }

  /** All processes of a node, whoever started them. */
  public long[] processes(int node) {
    return OsProcess.run(List.of("ip", "netns", "pids", namespace(node)))
        .lines()
        .map(String::strip)
        .filter(it -> it.chars().allMatch(Character::isDigit) && !it.isEmpty())
        .mapToLong(Long::parseLong)
        .toArray();
  }

  private void nft(int node, String command) {
    OsProcess.require(List.of("ip", "netns", "exec", namespace(node), "nft", command));
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
    ip(List.of(words), List.of());
  }

  private static void ip(List<String> words, List<String> more) {
    OsProcess.require(Stream.of(List.of("ip"), words, more).flatMap(List::stream).toList());
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
