package dev.matriarch.multijvm.chaos.fault;

import dev.matriarch.multijvm.Network;
import java.util.HashMap;
import java.util.Map;

/**
 * The cables and the ways between nodes, as several faults break them at a time: each is whole
 * again when all that have broken it have mended it.
 */
final class Wiring {
  private record Way(int from, int to) {}

  private final Network network;
  private final Map<Integer, Integer> pulled = new HashMap<>();
  private final Map<Way, Integer> cut = new HashMap<>();
  private final Map<Way, Integer> lossy = new HashMap<>();

  Wiring(Network network) {
    this.network = network;
  }

  synchronized void unplug(int node) {
    if (pulled.merge(node, 1, Integer::sum) == 1) {
      network.unplug(node);
    }
  }

  synchronized void plug(int node) {
    if (mended(pulled, node)) {
      network.plug(node);
    }
  }

  synchronized void cut(int from, int to) {
    var way = new Way(from, to);
    if (cut.merge(way, 1, Integer::sum) == 1) {
      network.cutWay(from, to);
    }
  }

  synchronized void open(int from, int to) {
    if (mended(cut, new Way(from, to))) {
      network.openWay(from, to);
    }
  }

  synchronized void losePart(int from, int to) {
    var way = new Way(from, to);
    if (lossy.merge(way, 1, Integer::sum) == 1) {
      network.losePart(from, to);
    }
  }

  synchronized void loseNothing(int from, int to) {
    if (mended(lossy, new Way(from, to))) {
      network.loseNothing(from, to);
    }
  }

  /** The network of a machine that has just been switched on, as broken as the cables to it are. */
  synchronized void renew(int node) {
    network.renew(node);
    if (pulled.containsKey(node)) {
      network.unplug(node);
    }
    cut.keySet().stream()
        .filter(it -> it.to() == node)
        .forEach(it -> network.cutWay(it.from(), node));
    lossy.keySet().stream()
        .filter(it -> it.to() == node)
        .forEach(it -> network.losePart(it.from(), node));
  }

  private static <T> boolean mended(Map<T, Integer> broken, T what) {
    return broken.computeIfPresent(what, (_, count) -> count == 1 ? null : count - 1) == null;
  }
}
