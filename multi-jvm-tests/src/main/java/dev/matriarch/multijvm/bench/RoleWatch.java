package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.JvmNode;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks every PostgreSQL all the time whether it is a primary, and how many stream from it. */
final class RoleWatch implements AutoCloseable {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int PATIENCE_MS = 2000;
  private static final String QUERY =
      """
      SELECT NOT pg_is_in_recovery(),
             (SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming')
      """;

  private record State(boolean primary, int streams) {}

  private record Change(String node, long at, State state) {}

  private final String namespace;
  private final List<Change> changes = new ArrayList<>();
  private final List<Thread> threads;
  private volatile boolean stopped;

  private RoleWatch(List<JvmNode> nodes, String namespace) {
    this.namespace = namespace;
    this.threads =
        nodes.stream()
            .map(node ->
                Thread.ofPlatform().daemon().name("roles-" + node).unstarted(() -> watch(node)))
            .toList();
  }

  static RoleWatch start(List<JvmNode> nodes, String namespace) {
    var watch = new RoleWatch(nodes, namespace);
    watch.threads.forEach(Thread::start);
    return watch;
  }

  private void watch(JvmNode node) {
    Optional<State> last = Optional.empty();
    while (!stopped) {
      try (var connection = node.connectFrom(Optional.of(namespace));
          var statement = connection.createStatement()) {
        connection.setNetworkTimeout(Runnable::run, PATIENCE_MS);
        while (!stopped) {
          var state = ask(statement);
          if (!last.equals(Optional.of(state))) {
            add(new Change(node.name(), System.nanoTime(), state));
            last = Optional.of(state);
          }
          LockSupport.parkNanos(EVERY_NANOS);
        }
      } catch (SQLException down) {
        last = Optional.empty();
        LockSupport.parkNanos(EVERY_NANOS);
      }
    }
  }

  private static State ask(Statement statement) throws SQLException {
    try (var answer = statement.executeQuery(QUERY)) {
      answer.next();
      return new State(answer.getBoolean(1), answer.getInt(2));
    }
  }

  private synchronized void add(Change change) {
    changes.add(change);
  }

  /** When a node was first seen to be a primary, after a moment of {@link System#nanoTime}. */
  OptionalLong promoted(String node, long since) {
    return first(node, since, 0);
  }

  /** When another node was first seen to stream from this primary. */
  OptionalLong streamedFrom(String node, long since) {
    return first(node, since, 1);
  }

  private synchronized OptionalLong first(String node, long since, int streams) {
    return changes.stream()
        .filter(it -> it.node().equals(node) && it.at() > since)
        .filter(it -> it.state().primary() && it.state().streams() >= streams)
        .mapToLong(Change::at)
        .findFirst();
  }

  @Override
  public void close() {
    end();
  }

  void end() {
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
