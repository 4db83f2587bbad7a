package dev.matriarch.actors.postgres;

import dev.matriarch.actors.postgres.InstanceStatus.Primary;
import dev.matriarch.actors.postgres.InstanceStatus.Role;
import dev.matriarch.actors.postgres.InstanceStatus.Standby;
import dev.matriarch.actors.postgres.InstanceStatus.UpstreamSetting;
import dev.matriarch.actors.postgres.InstanceStatus.WalReceiver;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks the local PostgreSQL how it is: one round trip on one connection, which is kept open and
 * opened again after an error. For one thread at a time.
 */
public final class StatusQuery implements AutoCloseable {
  private static final String CANNOT_CONNECT_NOW = "57P03";
  private static final String QUERY_CANCELED = "57014";
  private static final String NOT_IN_THIS_STATE = "55000";

  /**
   * Whether it is in recovery is asked once: a promotion may come in between. Functions that fail
   * in one of the two states stand behind CASE. The inserting timeline of a primary is in the name
   * of its current log file; the control file shows it only after the next checkpoint.
   */
  private static final String SQL =
      """
      WITH r AS MATERIALIZED (SELECT pg_is_in_recovery() AS standby)
      SELECT r.standby,
             (SELECT system_identifier::text FROM pg_control_system()),
             current_setting('server_version_num')::int,
             extract(epoch FROM pg_postmaster_start_time()) * 1000,
             EXISTS (SELECT FROM pg_settings WHERE pending_restart),
             CASE WHEN NOT r.standby THEN pg_walfile_name(pg_current_wal_lsn()) END,
             CASE WHEN NOT r.standby THEN pg_current_wal_lsn()::text END,
             CASE WHEN NOT r.standby THEN pg_current_wal_flush_lsn()::text END,
             CASE WHEN r.standby THEN (
               SELECT greatest(w.received_tli, c.min_recovery_end_timeline, p.timeline_id)
                 FROM pg_control_recovery() c, pg_control_checkpoint() p) END,
             CASE WHEN r.standby THEN pg_last_wal_receive_lsn()::text END,
             CASE WHEN r.standby THEN pg_last_wal_replay_lsn()::text END,
             CASE WHEN r.standby
               THEN extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000 END,
             CASE WHEN r.standby THEN pg_is_wal_replay_paused() END,
             current_setting('primary_conninfo', true),
             w.status, w.received_tli, w.flushed_lsn::text, w.latest_end_lsn::text,
             w.sender_host, w.sender_port, w.slot_name,
             extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time) * 1000,
             (SELECT json_agg(json_build_object(
                'user', usename, 'application', application_name, 'address', host(client_addr),
                'state', state, 'syncState', sync_state, 'syncPriority', sync_priority,
                'sent', sent_lsn, 'written', write_lsn, 'flushed', flush_lsn,
                'replayed', replay_lsn)) FROM pg_stat_replication),
             (SELECT json_agg(json_build_object(
                'name', slot_name, 'physical', slot_type = 'physical', 'active', active,
                'temporary', temporary, 'restart', restart_lsn,
                'lost', coalesce(wal_status = 'lost', false),
                'holdsXmin', xmin IS NOT NULL OR catalog_xmin IS NOT NULL))
                FROM pg_replication_slots)
        FROM r LEFT JOIN pg_stat_wal_receiver w ON true\
      """;

  /** What came of asking. */
  public sealed interface Answer {
    record Answered(InstanceStatus status) implements Answer {}

    /** The server is there but lets nobody in yet, or no more: it starts up or shuts down. */
    record NotAccepting(String why) implements Answer {}

    record Unreachable(String why) implements Answer {}

    /** The server hangs, or the host is overloaded. */
    record TimedOut(String why) implements Answer {}
  }

  /**
   * What a server has told of the timeline that it streamed.
   *
   * @param server when it was started
   */
  private record Streamed(Instant server, int timeline) {}

  private final PgConnection target;
  private final Duration timeout;
  private @Nullable Connection connection;
  private Optional<Streamed> streamed = Optional.empty();

  /**
   * Opens nothing yet.
   *
   * @param timeout after which the server gives the statement up
   */
  public StatusQuery(PgConnection target, Duration timeout) {
    this.target = target;
    this.timeout = timeout;
  }

  public Answer ask() {
    try {
      return new Answer.Answered(askOnce());
    } catch (SQLException e) {
      if (!NOT_IN_THIS_STATE.equals(e.getSQLState())) {
        close();
        return classify(e);
      }
    }
    // It was promoted while the statement ran.
    try {
      return new Answer.Answered(askOnce());
    } catch (SQLException e) {
      close();
      return classify(e);
    }
  }

  /** What an error of opening or using a connection says about the server. */
  public static Answer classify(SQLException e) {
    var why = Objects.requireNonNullElse(e.getMessage(), e.toString());
    if (CANNOT_CONNECT_NOW.equals(e.getSQLState())) {
      return new Answer.NotAccepting(why);
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return new Answer.TimedOut(why);
      }
    }
    return QUERY_CANCELED.equals(e.getSQLState())
        ? new Answer.TimedOut(why)
        : new Answer.Unreachable(why);
  }

  @Override
  public void close() {
    var open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // It is of no use any more either way.
      }
    }
  }

  private InstanceStatus askOnce() throws SQLException {
    var open = connection;
    if (open == null) {
      open = target.open(PgConnection.HEARTBEAT, timeout);
      connection = open;
    }
    return remembering(ask(open));
  }

  /**
   * Once its receiver has ended, a standby knows its timeline from its control file only, which has
   * it some time after a promotion elsewhere. Whoever was told more would take the data for others.
   */
  private InstanceStatus remembering(InstanceStatus status) {
    if (!(status.role() instanceof Standby standby) || standby.received().isEmpty()) {
      streamed = Optional.empty();
      return status;
    }
    var newest =
        streamed
            .filter(it -> it.server().equals(status.startedAt()))
            .map(it -> Math.max(it.timeline(), standby.timeline()))
            .orElse(standby.timeline());
    streamed = Optional.of(new Streamed(status.startedAt(), newest));
    return status.as(standby.on(newest));
  }

  /** The same on a connection of the caller. */
  public static InstanceStatus ask(Connection connection) throws SQLException {
    // Prepared, as planning takes the server twice as long as answering.
    try (var statement = connection.prepareStatement(SQL);
        var row = statement.executeQuery()) {
      row.next();
      return new InstanceStatus(
          row.getString(2),
          row.getInt(3),
          Instant.ofEpochMilli(row.getLong(4)),
          row.getBoolean(1) ? standby(row) : primary(row),
          row.getBoolean(5),
          StatusJson.walSenders(text(row, 23)),
          StatusJson.slots(text(row, 24)));
    }
  }

  private static Role primary(ResultSet row) throws SQLException {
    var timeline = Integer.parseInt(row.getString(6).substring(0, 8), 16);
    return new Primary(timeline, Lsn.parse(row.getString(7)), Lsn.parse(row.getString(8)));
  }

  private static Role standby(ResultSet row) throws SQLException {
    var replayedAt = row.getLong(12);
    return new Standby(
        row.getInt(9),
        lsn(row, 10),
        lsn(row, 11),
        replayedAt == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(replayedAt)),
        row.getBoolean(13),
        UpstreamSetting.of(text(row, 14).orElse("")),
        walReceiver(row));
  }

  private static Optional<WalReceiver> walReceiver(ResultSet row) throws SQLException {
    var status = text(row, 15);
    if (status.isEmpty()) {
      return Optional.empty();
    }
    var host = text(row, 19);
    var port = row.getInt(20);
    var sender =
        host.isPresent() && port > 0
            ? Optional.of(new Endpoint(host.get(), port))
            : Optional.<Endpoint>empty();
    return Optional.of(
        new WalReceiver(
            status.get(),
            row.getInt(16),
            lsn(row, 17),
            lsn(row, 18),
            sender,
            text(row, 21),
            silence(row)));
  }

  /** By a clock that may have been set meanwhile. */
  private static Optional<Duration> silence(ResultSet row) throws SQLException {
    var ms = row.getDouble(22);
    return row.wasNull() || ms < 0 ? Optional.empty() : Optional.of(Duration.ofMillis((long) ms));
  }

  private static Optional<Lsn> lsn(ResultSet row, int column) throws SQLException {
    return text(row, column).map(Lsn::parse);
  }

  private static Optional<String> text(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }
}
