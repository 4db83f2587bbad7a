package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The two connections by which a fence is watched: a superuser's, and one of the replication
 * protocol, which alone knows the exact position. They are kept open, since logging in takes longer
 * than the fence itself. For one thread at a time.
 */
final class FenceSessions implements AutoCloseable {
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(1);

  /** Looks take less than a millisecond; whoever watches a fence has a few hundred of them. */
  private static final int ANSWER_TIMEOUT_MS = 300;

  /** The processes are looked through once: it is asked hundreds of times a second. */
  private static final String STATE =
      """
      SELECT pg_is_in_recovery(),
             current_setting('primary_conninfo') = '' AND current_setting('restore_command') = '',
             a.startup, a.startup_wait, a.receiver,
             pg_last_wal_receive_lsn()::text,
             pg_last_wal_replay_lsn()::text,
             CASE WHEN r.pid IS NOT NULL THEN r.received_tli END,
             CASE WHEN r.status = 'streaming' THEN r.flushed_lsn::text END
        FROM (SELECT max(pid) FILTER (WHERE backend_type = 'startup') AS startup,
                     max(wait_event) FILTER (WHERE backend_type = 'startup') AS startup_wait,
                     max(pid) FILTER (WHERE backend_type = 'walreceiver') AS receiver
                FROM pg_stat_get_activity(NULL)) a
        LEFT JOIN pg_stat_get_wal_receiver() r ON true\
      """;

  private final PgConnection superuser;
  private final PgConnection replication;
  private @Nullable Connection local;
  private @Nullable Connection walSender;

  /**
   * One look at a server.
   *
   * @param sourcesEmpty a session sees neither an upstream nor a command for an archive
   * @param startup the process that replays
   * @param startupWait the wait event of the process that replays
   * @param receiver the process number of a WAL receiver that has registered itself
   * @param received the end of what was streamed since the start
   * @param receivedTimeline of what the receiver that runs has written
   * @param streamed how far a receiver that streams has written
   */
  record State(
      boolean inRecovery,
      boolean sourcesEmpty,
      Optional<ProcessId> startup,
      Optional<String> startupWait,
      Optional<Integer> receiver,
      Optional<Lsn> received,
      Optional<Lsn> replayed,
      Optional<Integer> receivedTimeline,
      Optional<Lsn> streamed) {
    private static final String IDLE = "RecoveryRetrieveRetryInterval";
    private static final String PAUSED = "RecoveryPause";
    private static final Set<String> HELD = Set.of("RecoveryApplyDelay", PAUSED);

    /** Replay is at the end of what is on disk, and waits before it looks for more. */
    boolean startupIsIdle() {
      return startupWait.filter(IDLE::equals).isPresent();
    }

    /** Nothing was streamed that is not replayed. What is left may be half a record. */
    boolean allReplayed() {
      return received.isEmpty()
          || replayed.filter(it -> it.compareTo(received.get()) >= 0).isPresent();
    }

    boolean replayIsPaused() {
      return startupWait.filter(PAUSED::equals).isPresent();
    }

    /** Replay waits for something that need not come soon: a delay, or an operator. */
    boolean replayIsHeld() {
      return startupWait.filter(HELD::contains).isPresent();
    }
  }

  FenceSessions(PgConnection superuser, PgConnection replication) {
    this.superuser = superuser;
    this.replication = replication;
  }

  /** Opens what is not open, after an error also what was. */
  void open(Duration timeout) throws SQLException {
    var until = System.nanoTime() + timeout.toNanos();
    if (local == null) {
      local = within(until, () -> superuser.open(PgConnection.SHORT_JOB, STATEMENT_TIMEOUT));
    }
    if (walSender == null) {
      walSender =
          within(
              until, () -> replication.openReplication(PgConnection.SHORT_JOB, STATEMENT_TIMEOUT));
    }
  }

  /** Opens them, and asks something on each, so that none is found to be dead later. */
  void prepare(Duration timeout) throws SQLException {
    open(timeout);
    try {
      var _ = state();
      var _ = identify();
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  /**
   * For a promotion: the exact timeline, and the superuser's connection, which is the caller's from
   * now on. The other one is closed, since it would be seen as a standby that starts.
   */
  StandbyFence.Handle handOver(Duration timeout) throws SQLException {
    open(timeout);
    try {
      var timeline = identify().timeline();
      var connection = opened(local);
      var patience = PgConnection.LONG_STATEMENT_TIMEOUT;
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(patience.toMillis()));
      try (var statement = connection.createStatement()) {
        statement.execute("SET statement_timeout = " + patience.toMillis());
      }
      local = null;
      return new StandbyFence.Handle(timeline, connection);
    } finally {
      close();
    }
  }

  State state() throws SQLException {
    try (var statement = opened(local).prepareStatement(STATE);
        var row = statement.executeQuery()) {
      row.next();
      return new State(
          row.getBoolean(1),
          row.getBoolean(2),
          number(row, 3).flatMap(ProcessId::of),
          Optional.ofNullable(row.getString(4)),
          number(row, 5),
          Optional.ofNullable(row.getString(6)).map(Lsn::parse),
          Optional.ofNullable(row.getString(7)).map(Lsn::parse),
          number(row, 8),
          Optional.ofNullable(row.getString(9)).map(Lsn::parse));
    }
  }

  /** A NULL reads as 0, which is no process and no timeline. */
  private static Optional<Integer> number(ResultSet row, int column) throws SQLException {
    return Optional.of(row.getInt(column)).filter(it -> it != 0);
  }

  /** The timeline that is replayed, and the end of what was received or replayed on it. */
  Position identify() throws SQLException {
    return ReplicationProtocol.identifySystem(opened(walSender)).position();
  }

  private static Connection opened(@Nullable Connection connection) throws SQLException {
    if (connection == null) {
      throw new SQLException("not connected");
    }
    return connection;
  }

  private interface Opening {
    Connection open() throws SQLException;
  }

  /** The driver's own time-outs are whole seconds. One that comes too late is closed. */
  private static Connection within(long untilNanos, Opening opening) throws SQLException {
    var opened = new CompletableFuture<@Nullable Connection>();
    Thread.ofVirtual()
        .name("fence connection")
        .start(() -> {
          try {
            var connection = opening.open();
            connection.setNetworkTimeout(Runnable::run, ANSWER_TIMEOUT_MS);
            if (!opened.complete(connection)) {
              close(connection);
            }
          } catch (SQLException | RuntimeException | Error e) {
            opened.completeExceptionally(e);
          }
        });
    var wait = Math.max(1, untilNanos - System.nanoTime());
    opened.completeOnTimeout(null, wait, TimeUnit.NANOSECONDS);
    try {
      var connection = opened.join();
      if (connection == null) {
        throw new SQLException("no connection in time", new TimeoutException());
      }
      return connection;
    } catch (CompletionException e) {
      throw e.getCause() instanceof SQLException cause ? cause : new SQLException(e.getCause());
    }
  }

  @Override
  public void close() {
    close(local);
    local = null;
    close(walSender);
    walSender = null;
  }

  private static void close(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // It is of no use any more either way.
      }
    }
  }
}
