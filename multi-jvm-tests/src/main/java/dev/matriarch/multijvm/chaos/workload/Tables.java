package dev.matriarch.multijvm.chaos.workload;

import dev.matriarch.multijvm.Await;
import dev.matriarch.multijvm.JvmNode;
import dev.matriarch.multijvm.NodeFile;
import dev.matriarch.multijvm.Place;
import dev.matriarch.multijvm.Sockets;
import dev.matriarch.multijvm.chaos.history.Beginning;
import dev.matriarch.multijvm.chaos.history.FinalState;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The tables that the clients use, and the role by which they do.
 *
 * @param schema of this run alone: what a client of an earlier one has sent, and a healed link or a
 *     thawed host delivers late, finds no table any more
 */
record Tables(String schema) {
  private static final AtomicInteger RUNS = new AtomicInteger();

  static final int REGISTERS = 20_000;

  /** Of the server, also while it recovers: the newest of all that it knows of. */
  static final String TIMELINE =
      """
      CASE WHEN pg_is_in_recovery()
        THEN greatest((SELECT timeline_id FROM pg_control_checkpoint()),
                      (SELECT min_recovery_end_timeline FROM pg_control_recovery()),
                      (SELECT received_tli FROM pg_stat_wal_receiver))
        ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int
      END\
      """;

  private static final String POSITION =
      """
      SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
              ELSE pg_current_wal_lsn() END) - '0/0'::pg_lsn\
      """;

  /**
   * Makes them, on the leader, and takes those of earlier runs away.
   *
   * <p>The clients are no superusers: connections that wait for a standby in vain must leave those
   * that are reserved to the agent. A lock that such a connection holds is not waited for long
   * either, a server notices soon that a client has gone whose good-bye was lost on a cut link, and
   * that a write is refused is no news for its log.
   */
  static Tables make(JvmNode leader) {
    var tables = new Tables("chaos" + RUNS.incrementAndGet());
    leader.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chaos';
        DO $$ DECLARE old text; BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chaos') THEN
            CREATE ROLE chaos LOGIN PASSWORD '%1$s';
            GRANT pg_monitor TO chaos;
            ALTER ROLE chaos SET log_min_messages = 'fatal';
            ALTER ROLE chaos SET lock_timeout = '1s';
            ALTER ROLE chaos SET tcp_keepalives_idle = 5;
            ALTER ROLE chaos SET tcp_keepalives_interval = 2;
            ALTER ROLE chaos SET tcp_keepalives_count = 3;
          END IF;
          EXECUTE format('ALTER ROLE chaos CONNECTION LIMIT %%s',
            greatest(20, current_setting('max_connections')::int - 25));
          FOR old IN SELECT nspname FROM pg_namespace WHERE nspname LIKE 'chaos%%' LOOP
            EXECUTE format('DROP SCHEMA %%I CASCADE', old);
          END LOOP;
        END $$;
        CREATE SCHEMA %5$s;
        SET search_path = %5$s;
        CREATE TABLE chaos_rows (id bigint PRIMARY KEY);
        CREATE TABLE chaos_registers (id integer PRIMARY KEY, value bigint NOT NULL);
        INSERT INTO chaos_registers SELECT id, 0 FROM generate_series(0, %2$d) AS id;
        CREATE TABLE chaos_accounts (id integer PRIMARY KEY, balance bigint NOT NULL);
        INSERT INTO chaos_accounts SELECT id, %4$d FROM generate_series(0, %3$d) AS id;
        CREATE TABLE chaos_counter (id integer PRIMARY KEY, count bigint NOT NULL);
        INSERT INTO chaos_counter VALUES (0, 0);
        GRANT USAGE ON SCHEMA %5$s TO chaos;
        GRANT ALL ON ALL TABLES IN SCHEMA %5$s TO chaos;
        """
            .formatted(
                NodeFile.PASSWORD,
                REGISTERS - 1,
                Beginning.ACCOUNTS - 1,
                Beginning.BALANCE,
                tables.schema()));
    return tables;
  }

  /**
   * A connection as a client has it.
   *
   * @param namespace the network in which the client lives
   * @param patience with an answer
   */
  Connection connect(Place place, Optional<String> namespace, Duration patience)
      throws SQLException {
    var inside =
        namespace
            .map(it ->
                "&socketFactory=%s&socketFactoryArg=%s".formatted(Sockets.class.getName(), it))
            .orElse("");
    var connection =
        DriverManager.getConnection(
            "jdbc:postgresql://%s/postgres?user=chaos&password=%s"
                    .formatted(place.postgres(), NodeFile.PASSWORD)
                + "&connectTimeout=1&socketTimeout=3&ApplicationName=chaos&currentSchema="
                + schema
                + inside);
    connection.setNetworkTimeout(Runnable::run, Math.toIntExact(patience.toMillis()));
    return connection;
  }

  // --- the end ----------------------------------------------------------------------------------

  /** Waits until no commit of a client is under way any more. */
  static void awaitCalm(JvmNode leader, Duration patience) {
    var question =
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'chaos' AND state = 'active'";
    Await.until(
        "the end of all that clients had begun on " + leader,
        patience,
        () -> number(leader, question).filter(it -> it == 0).isPresent());
  }

  /** The end of the WAL, in bytes. */
  static long position(JvmNode leader) {
    return Long.parseLong(leader.query(POSITION).getFirst());
  }

  static void awaitReplay(JvmNode node, long position, int timeline, Duration patience) {
    Await.until(
        "%s to replay up to %d and to be on timeline %d".formatted(node, position, timeline),
        patience,
        () ->
            number(node, POSITION).filter(it -> it >= position).isPresent()
                && number(node, "SELECT " + TIMELINE).filter(it -> it >= timeline).isPresent(),
        () -> "it is at " + number(node, POSITION).map(Object::toString).orElse("no position"));
  }

  static int timeline(JvmNode node) {
    return Integer.parseInt(node.query("SELECT " + TIMELINE).getFirst());
  }

  /** Empty if it does not answer. */
  private static Optional<Long> number(JvmNode node, String question) {
    try (var connection = node.connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(question)) {
      return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
    } catch (SQLException down) {
      return Optional.empty();
    }
  }

  /** All of one snapshot. */
  FinalState read(JvmNode node) {
    try (var connection = node.connect()) {
      connection.setSchema(schema);
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      var keys = new TreeSet<Long>();
      each(connection, "SELECT id FROM chaos_rows", it -> keys.add(it.getLong(1)));
      var registers = new TreeMap<Integer, Long>();
      each(
          connection,
          "SELECT id, value FROM chaos_registers WHERE value <> 0",
          it -> registers.put(it.getInt(1), it.getLong(2)));
      var accounts = new ArrayList<Long>();
      each(
          connection,
          "SELECT balance FROM chaos_accounts ORDER BY id",
          it -> accounts.add(it.getLong(1)));
      var last = new ArrayList<Long>();
      each(
          connection,
          "SELECT count, %s FROM chaos_counter".formatted(TIMELINE),
          it -> last.addAll(List.of(it.getLong(1), it.getLong(2))));
      connection.commit();
      return new FinalState(
          node.name(), Math.toIntExact(last.get(1)), keys, registers, accounts, last.getFirst());
    } catch (SQLException e) {
      throw new IllegalStateException("cannot read %s: %s".formatted(node, e.getMessage()), e);
    }
  }

  private interface Row {
    void take(ResultSet row) throws SQLException;
  }

  private static void each(Connection connection, String question, Row row) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(question)) {
      while (rows.next()) {
        row.take(rows);
      }
    }
  }
}
