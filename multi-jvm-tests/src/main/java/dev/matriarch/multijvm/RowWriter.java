package dev.matriarch.multijvm;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Writes rows one at a time over a connection that it keeps: to one node, whatever that is at the
 * moment; or to one of several, where it stays as long as the rows are taken.
 */
public final class RowWriter implements AutoCloseable {
  private static final String READ_ONLY = "25006";

  /**
   * Who writes where, from where, and how often.
   *
   * @param nodes tried in turn
   * @param from the network namespace of the client, by node
   * @param patience how long an answer may take before the connection is given up
   * @param pause after a row
   * @param retry after a failure
   */
  public record Plan(
      String name,
      List<JvmNode> nodes,
      Function<JvmNode, Optional<String>> from,
      Duration patience,
      Duration pause,
      Duration retry) {
    public Plan {
      nodes = List.copyOf(nodes);
    }
  }

  private final Plan plan;
  private final WriteLog log;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile Optional<Connection> open = Optional.empty();

  /** Kept until they are needed: a login costs both sides milliseconds of a processor. */
  private final Map<String, Connection> standbys = new ConcurrentHashMap<>();

  private RowWriter(Plan plan, WriteLog log) {
    this.plan = plan;
    this.log = log;
    this.thread = Thread.ofPlatform().daemon().name("writer-" + plan.name()).unstarted(this::work);
  }

  public static RowWriter start(Plan plan, WriteLog log) {
    var writer = new RowWriter(plan, log);
    writer.thread.start();
    return writer;
  }

  private void work() {
    for (var turn = 0; !stopped; turn = (turn + 1) % plan.nodes().size()) {
      write(plan.nodes().get(turn));
      LockSupport.parkNanos(plan.retry().toNanos());
    }
  }

  private void write(JvmNode node) {
    try {
      var kept = Optional.ofNullable(standbys.remove(node.name()));
      var connection = kept.isPresent() ? kept.get() : node.connectFrom(plan.from().apply(node));
      if (write(node, connection)) {
        standbys.put(node.name(), connection);
      } else {
        connection.close();
      }
    } catch (SQLException down) {
      // The next attempt follows.
    }
  }

  /** Returns whether the connection is good, and the node is a standby, so that another is due. */
  private boolean write(JvmNode node, Connection connection) throws SQLException {
    try (var insert = log.insertOn(connection)) {
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(plan.patience().toMillis()));
      open = Optional.of(connection);
      return write(node, insert, log.newSession());
    } finally {
      open = Optional.empty();
    }
  }

  private boolean write(JvmNode node, PreparedStatement insert, long session) {
    try {
      while (!stopped) {
        try {
          log.write(insert, plan.name(), node.name(), session);
          LockSupport.parkNanos(plan.pause().toNanos());
        } catch (SQLException e) {
          if (!READ_ONLY.equals(e.getSQLState())) {
            throw e;
          }
          if (plan.nodes().size() > 1) {
            return true;
          }
          LockSupport.parkNanos(plan.retry().toNanos());
        }
      }
    } catch (SQLException e) {
      if (!stopped) {
        log.ended(plan.name(), node.name(), session);
      }
    }
    return false;
  }

  public String name() {
    return plan.name();
  }

  /** Does not wait for an answer that is not coming. */
  @Override
  public void close() {
    stopped = true;
    try {
      if (!thread.join(Duration.ofMillis(500))) {
        open.ifPresent(RowWriter::abort);
      }
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    standbys.values().forEach(RowWriter::abort);
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException gone) {
      // That is what was wanted.
    }
  }
}
