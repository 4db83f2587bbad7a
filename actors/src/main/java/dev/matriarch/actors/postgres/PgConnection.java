package dev.matriarch.actors.postgres;

import dev.matriarch.config.PostgresSettings;
import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.protocol.model.Endpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Where and as whom connections are opened. Each has time-outs for connecting and for every answer,
 * so that a PostgreSQL or a network that hangs never holds a thread for ever.
 *
 * @param database not used by replication connections
 */
public record PgConnection(Endpoint server, String database, Credentials credentials) {
  /** The names by which monitoring tells the agent's own connections from others (Patroni's). */
  public static final String HEARTBEAT = "Patroni heartbeat";

  public static final String SHORT_JOB = "Patroni";

  public static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(2);

  /** For operations whose length nobody knows: checkpoints, grants behind a lock. */
  public static final Duration LONG_STATEMENT_TIMEOUT = Duration.ofHours(1);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration NETWORK_GRACE = Duration.ofSeconds(1);
  private static final String MAINTENANCE_DATABASE = "postgres";

  static {
    LoginKeys.install();
  }

  /** The local PostgreSQL as superuser, by the first address on which it listens. */
  public static PgConnection local(PostgresSettings settings) {
    var first = settings.listenAddresses().split(",", 2)[0].strip();
    var host =
        switch (first) {
          case "", "*", "0.0.0.0" -> "127.0.0.1";
          case "::" -> "::1";
          default -> first;
        };
    return to(new Endpoint(host, settings.port()), settings.superuser());
  }

  public static PgConnection to(Endpoint server, Credentials credentials) {
    return new PgConnection(server, MAINTENANCE_DATABASE, credentials);
  }

  /**
   * Opens a connection, in autocommit mode, that finds only what is in {@code pg_catalog}.
   *
   * @param statementTimeout the server ends a statement after it; the client stops waiting a second
   *     later
   * @throws SQLException if it cannot be opened; {@link StatusQuery} tells the reasons apart
   */
  public Connection open(String applicationName, Duration statementTimeout) throws SQLException {
    var properties = properties(applicationName, statementTimeout.plus(NETWORK_GRACE));
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
    var options =
        "-c statement_timeout=%d -c search_path=pg_catalog".formatted(statementTimeout.toMillis());
    // Only the superuser may set it, as which the heartbeat connects.
    var untracked = applicationName.equals(HEARTBEAT) ? " -c pg_stat_statements.track=none" : "";
    PGProperty.OPTIONS.set(properties, options + untracked);
    return connect(properties);
  }

  /**
   * Opens a connection that speaks the replication protocol (PostgreSQL documentation, "Streaming
   * Replication Protocol"); it takes one of the server's {@code max_wal_senders}.
   */
  public Connection openReplication(String applicationName, Duration answerTimeout)
      throws SQLException {
    var properties = properties(applicationName, answerTimeout);
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
    PGProperty.REPLICATION.set(properties, "true");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    return connect(properties);
  }

  private Properties properties(String applicationName, Duration answerTimeout) {
    var properties = new Properties();
    PGProperty.USER.set(properties, credentials.username());
    credentials.password().ifPresent(password -> PGProperty.PASSWORD.set(properties, password));
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.CONNECT_TIMEOUT.set(properties, seconds(CONNECT_TIMEOUT));
    PGProperty.SOCKET_TIMEOUT.set(properties, seconds(answerTimeout));
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.SSL_MODE.set(properties, isLoopback() ? "allow" : "prefer");
    return properties;
  }

  private Connection connect(Properties properties) throws SQLException {
    var host = server.host().contains(":") ? "[" + server.host() + "]" : server.host();
    var url = "jdbc:postgresql://%s:%d/%s".formatted(host, server.port(), database);
    var connection = new Driver().connect(url, properties);
    if (connection == null) {
      throw new SQLException("the driver does not take " + url);
    }
    return connection;
  }

  /** Encryption on the way to oneself only costs time. */
  private boolean isLoopback() {
    try {
      return InetAddress.getByName(server.host()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The driver counts in whole seconds, and takes 0 for "for ever". */
  private static int seconds(Duration duration) {
    return Math.toIntExact(Math.max(1, duration.plusMillis(999).toSeconds()));
  }
}
