package dev.matriarch.multijvm.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.TestCluster;
import dev.matriarch.multijvm.chaos.picture.Look;
import dev.matriarch.multijvm.chaos.picture.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks every agent all the time what its node is, for the picture and to find the primary. */
final class Roles implements AutoCloseable {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private record Change(long at, Look look) {}

  private final List<JvmNode> nodes;
  private final Map<String, List<Change>> changes = new TreeMap<>();
  private final List<Thread> threads;
  private volatile boolean stopped;

  private Roles(List<JvmNode> nodes) {
    this.nodes = nodes;
    nodes.forEach(it -> changes.put(it.name(), new ArrayList<>()));
    threads =
        nodes.stream()
            .map(node ->
                Thread.ofPlatform().daemon().name("roles-" + node).unstarted(() -> watch(node)))
            .toList();
  }

  static Roles watch(TestCluster cluster) {
    var roles = new Roles(cluster.nodes());
    roles.threads.forEach(Thread::start);
    return roles;
  }

  private void watch(JvmNode node) {
    while (!stopped) {
      var asked = System.nanoTime();
      add(node.name(), new Change(asked, look(node)));
      LockSupport.parkNanos(EVERY_NANOS);
    }
  }

  private static Look look(JvmNode node) {
    if (node.agentPid().isEmpty()) {
      return Look.DOWN;
    }
    return node.rest()
        .self()
        .map(it -> node.isWitness() ? Look.WITNESS : look(it))
        .orElse(Look.SILENT);
  }

  private static Look look(JsonNode self) {
    var state = self.path("state").asText();
    return switch (state) {
      case "running", "streaming", "in archive recovery" ->
          self.path("role").asText().equals("primary") ? Look.PRIMARY : replica(self);
      case "stopped", "crashed" -> Look.DOWN;
      default -> Look.BUSY;
    };
  }

  private static Look replica(JsonNode self) {
    return self.path("sync_standby").asBoolean() || self.path("quorum_standby").asBoolean()
        ? Look.SYNCHRONOUS
        : Look.REPLICA;
  }

  private synchronized void add(String node, Change change) {
    var own = changes.getOrDefault(node, List.of());
    if (own.isEmpty() || own.getLast().look() != change.look()) {
      own.add(change);
    }
  }

  /** The node that last said to be the primary, if any does now. */
  synchronized Optional<JvmNode> primary() {
    return nodes.stream()
        .filter(it -> last(it.name()).filter(last -> last.look() == Look.PRIMARY).isPresent())
        .max((one, other) -> Long.compare(since(one), since(other)));
  }

  private long since(JvmNode node) {
    return last(node.name()).map(Change::at).orElse(0L);
  }

  private Optional<Change> last(String node) {
    var own = changes.getOrDefault(node, List.of());
    return own.isEmpty() ? Optional.empty() : Optional.of(own.getLast());
  }

  /** What a node was, one after the other, between two moments of {@link System#nanoTime}. */
  synchronized List<Span> spans(String node, long from, long until) {
    var own = changes.getOrDefault(node, List.of());
    var spans = new ArrayList<Span>();
    for (var index = 0; index < own.size(); index++) {
      var change = own.get(index);
      var end = index + 1 < own.size() ? own.get(index + 1).at() : until;
      if (end > from && change.at() < until) {
        spans.add(new Span(change.look(), Math.max(from, change.at()), Math.min(until, end), node));
      }
    }
    return spans;
  }

  @Override
  public void close() {
    stopped = true;
    for (var thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
