package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.WriteLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client with a connection to each node: it writes to the primary, and without one it asks all
 * nodes again and again. What it has it keeps: logins would cost processors that here are the
 * cluster's.
 */
final class SeekingClient implements AutoCloseable {
  static final String NAME = "client";

  private static final Duration TRY_EVERY = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final long ROW_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private record Found(JvmNode node, Connection connection) {}

  private final List<JvmNode> nodes;
  private final String namespace;
  private final WriteLog log;
  private final SynchronousQueue<Found> found = new SynchronousQueue<>();
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();
  private final Map<String, Connection> standbys = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean stopped;

  private SeekingClient(List<JvmNode> nodes, String namespace, WriteLog log) {
    this.nodes = nodes;
    this.namespace = namespace;
    this.log = log;
    this.thread = Thread.ofPlatform().daemon().name(NAME).unstarted(this::work);
  }

  /**
   * Begins.
   *
   * @param namespace the network in which the client lives
   */
  static SeekingClient start(List<JvmNode> nodes, String namespace, WriteLog log) {
    var client = new SeekingClient(nodes, namespace, log);
    client.thread.start();
    return client;
  }

  private void work() {
    try {
      while (!stopped) {
        nodes.stream().filter(it -> underWay.add(it.name())).forEach(this::attempt);
        var primary = found.poll(TRY_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        if (primary != null) {
          use(primary);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nodes that do not answer must not keep the client from the others. */
  private void attempt(JvmNode node) {
    Thread.ofVirtual()
        .name("seek-" + node)
        .start(() -> {
          try {
            offer(node);
          } catch (SQLException down) {
            // It is tried again.
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            underWay.remove(node.name());
          }
        });
  }

  private void offer(JvmNode node) throws SQLException, InterruptedException {
    var kept = Optional.ofNullable(standbys.remove(node.name()));
    var connection = kept.isPresent() ? kept.get() : node.connectFrom(Optional.of(namespace));
    var taken = false;
    try {
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(PATIENCE.toMillis()));
      if (takesWrites(connection)) {
        var primary = new Found(node, connection);
        taken = found.offer(primary, TRY_EVERY.toMillis(), TimeUnit.MILLISECONDS);
      } else {
        standbys.put(node.name(), connection);
        taken = true;
      }
    } finally {
      if (!taken) {
        connection.close();
      }
    }
  }

  private static boolean takesWrites(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var answer = statement.executeQuery("SHOW transaction_read_only")) {
      return answer.next() && answer.getString(1).equals("off");
    }
  }

  private void use(Found primary) {
    try (var connection = primary.connection();
        var insert = log.insertOn(connection)) {
      var session = log.newSession();
      while (!stopped) {
        log.write(insert, NAME, primary.node().name(), session);
        LockSupport.parkNanos(ROW_PAUSE_NANOS);
      }
    } catch (SQLException lost) {
      // It looks for the primary again.
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
      Await.until("the end of the client's attempts", Duration.ofSeconds(20), underWay::isEmpty);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    standbys.values().forEach(SeekingClient::abort);
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException gone) {
      // That is what was wanted.
    }
  }
}
