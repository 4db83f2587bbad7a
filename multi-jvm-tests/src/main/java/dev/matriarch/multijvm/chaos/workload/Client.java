package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Does one request after the other over a connection that it keeps: at one node, whatever that is;
 * at the primary, for which it tries its nodes in turn; or where a router sends it. After an answer
 * that says nothing of what was done it connects anew, so that the next answer cannot be the one
 * that was due.
 */
final class Client {
  private static final Duration LAST_ANSWER = Duration.ofMillis(500);
  private static final long REFUSED_NANOS = Duration.ofMillis(50).toNanos();
  private static final long RECONNECT_NANOS = Duration.ofMillis(50).toNanos();

  /**
   * Who does what, and where.
   *
   * @param doors tried in turn
   * @param follows whether it uses a primary only, and else whatever is behind its door
   * @param namespace the network in which it lives
   * @param patience with an answer
   * @param pause between two requests
   */
  record Part(
      String name,
      List<Door> doors,
      boolean follows,
      Optional<String> namespace,
      Duration patience,
      Duration pause,
      Work work) {
    Part {
      doors = List.copyOf(doors);
    }
  }

  private final Part part;
  private final Tables tables;
  private final History history;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile Optional<Connection> open = Optional.empty();
  private volatile Optional<RuntimeException> defect = Optional.empty();

  Client(Part part, Tables tables, History history) {
    this.part = part;
    this.tables = tables;
    this.history = history;
    this.thread = Thread.ofPlatform().daemon().name("chaos-" + part.name()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      for (var turn = 0; !stopped; turn = (turn + 1) % part.doors().size()) {
        visit(part.doors().get(turn));
        LockSupport.parkNanos(RECONNECT_NANOS);
      }
    } catch (RuntimeException e) {
      defect = Optional.of(e);
    }
  }

  private void visit(Door door) {
    try (var connection = tables.connect(door.place(), part.namespace(), part.patience())) {
      open = Optional.of(connection);
      var node = door.reached(connection);
      if (!part.follows() || isPrimary(connection)) {
        work(node, connection);
      }
    } catch (SQLException down) {
      // Nothing has been asked yet. The next attempt follows.
    } finally {
      open = Optional.empty();
    }
  }

  private static boolean isPrimary(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var answer = statement.executeQuery("SELECT NOT pg_is_in_recovery()")) {
      return answer.next() && answer.getBoolean(1);
    }
  }

  private void work(JvmNode node, Connection connection) throws SQLException {
    while (!stopped) {
      var request = part.work().next();
      var invoked = System.nanoTime();
      var outcome = take(request, connection);
      var operation =
          new Operation(
              part.name(), request.kind(), node.name(), invoked, System.nanoTime(), outcome);
      history.add(operation);
      part.work().done(operation);
      switch (outcome) {
        case Outcome.Ok _ -> {
          // It goes on.
        }
        case Outcome.Failed _ -> {
          if (connection.isClosed() || (part.follows() && Answers.isReadOnly(outcome))) {
            return;
          }
          LockSupport.parkNanos(REFUSED_NANOS);
        }
        case Outcome.Unknown _ -> {
          abort(connection);
          return;
        }
      }
      LockSupport.parkNanos(part.pause().toNanos());
    }
  }

  private static Outcome take(Request request, Connection connection) {
    try {
      return request.step().take(connection);
    } catch (SQLException e) {
      return Answers.broken(e);
    }
  }

  // --- the end ----------------------------------------------------------------------------------

  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  /**
   * Waits for the end, though not for an answer that is not coming.
   *
   * @throws IllegalStateException if the client has ended before by a defect of its own
   */
  void join() {
    try {
      if (!thread.join(LAST_ANSWER)) {
        open.ifPresent(Client::abort);
      }
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    defect.ifPresent(e -> {
      throw new IllegalStateException("the client %s has a defect".formatted(part.name()), e);
    });
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException gone) {
      // That is what was wanted.
    }
  }
}
