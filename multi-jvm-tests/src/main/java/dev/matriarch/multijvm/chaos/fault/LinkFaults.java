package dev.matriarch.multijvm.chaos.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Breaks links in the shapes that networks break in. */
final class LinkFaults {
  private static final Duration LONGEST_FLAP = Duration.ofMillis(1500);

  /** A direction between two nodes, counted from 1. */
  record Way(int from, int to) {}

  private final Wiring wiring;
  private final int nodes;

  LinkFaults(Wiring wiring, int nodes) {
    this.wiring = wiring;
    this.nodes = nodes;
  }

  Struck breakLinks(Fault.Shape shape, Host host, long chance) {
    var number = host.number();
    return switch (shape) {
      case CABLE -> {
        wiring.unplug(number);
        yield Struck.lasting(host, () -> wiring.plug(number));
      }
      case FLAPPING -> flapping(host, chance);
      case LOSSY -> {
        var ways = lost(Fault.Shape.ISOLATED, number, nodes);
        ways.forEach(it -> wiring.losePart(it.from(), it.to()));
        yield Struck.lasting(
            host, () -> ways.forEach(it -> wiring.loseNothing(it.from(), it.to())));
      }
      case MUTE, DEAF, ISOLATED, BRIDGE, RING, SHATTERED -> {
        var ways = lost(shape, number, nodes);
        ways.forEach(it -> wiring.cut(it.from(), it.to()));
        Runnable heal = () -> ways.forEach(it -> wiring.open(it.from(), it.to()));
        yield shape == Fault.Shape.RING || shape == Fault.Shape.SHATTERED
            ? Struck.general("all links", heal)
            : Struck.lasting(host, heal);
      }
    };
  }

  private Struck flapping(Host host, long chance) {
    var random = new Random(chance);
    var flaps =
        Pulses.start(
            "flaps-" + host.node(),
            () -> wiring.unplug(host.number()),
            () -> wiring.plug(host.number()),
            () -> random.nextLong(LONGEST_FLAP.toMillis()),
            () -> random.nextLong(LONGEST_FLAP.toMillis()));
    return Struck.lasting(host, flaps::close);
  }

  /** The ways on which nothing arrives. */
  static Set<Way> lost(Fault.Shape shape, int node, int nodes) {
    var lost = new HashSet<Way>();
    for (var from = 1; from <= nodes; from++) {
      for (var to = 1; to <= nodes; to++) {
        if (from != to && isLost(shape, new Way(from, to), node, nodes)) {
          lost.add(new Way(from, to));
        }
      }
    }
    return lost;
  }

  private static boolean isLost(Fault.Shape shape, Way way, int node, int nodes) {
    return switch (shape) {
      case MUTE -> way.from() == node;
      case DEAF -> way.to() == node;
      case CABLE, FLAPPING, LOSSY, ISOLATED -> way.from() == node || way.to() == node;
      case BRIDGE -> {
        var left = half(node, nodes);
        yield way.from() != node
            && way.to() != node
            && left.contains(way.from()) != left.contains(way.to());
      }
      case RING -> Math.floorMod(way.to() - way.from(), nodes) > nodes / 2;
      case SHATTERED -> true;
    };
  }

  /** Half of the others. */
  private static List<Integer> half(int node, int nodes) {
    var others = new ArrayList<Integer>();
    for (var other = 1; other <= nodes; other++) {
      if (other != node) {
        others.add(other);
      }
    }
    return others.subList(0, others.size() / 2);
  }
}
