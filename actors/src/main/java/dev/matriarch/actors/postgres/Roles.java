package dev.matriarch.actors.postgres;

import dev.matriarch.config.PostgresSettings;
import dev.matriarch.config.PostgresSettings.Credentials;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.postgresql.util.PasswordUtil;

/**
 * The database roles by which agents replicate and rewind. Passwords leave the agent only as SCRAM
 * verifiers, and no statement with one reaches the server's log.
 */
public final class Roles {
  private static final int PG_CHECKPOINT_ROLE_SINCE = 150_000;

  /** What pg_rewind needs at its source (PostgreSQL documentation, "pg_rewind", Notes). */
  private static final List<String> REWIND_FUNCTIONS =
      List.of(
          "pg_ls_dir(text, boolean, boolean)",
          "pg_stat_file(text, boolean)",
          "pg_read_binary_file(text)",
          "pg_read_binary_file(text, bigint, bigint, boolean)");

  private static final List<String> SESSION =
      List.of(
          "SET LOCAL synchronous_commit = local",
          "SET LOCAL log_statement = 'none'",
          "SET LOCAL log_min_duration_statement = -1",
          "SET LOCAL log_min_duration_sample = -1",
          "SET LOCAL log_min_error_statement = 'panic'");

  private Roles() {}

  /**
   * Makes what is missing and corrects passwords; changes nothing where all is well.
   *
   * @param connection to the primary as superuser, to the database {@code postgres}: grants on
   *     functions belong to one database
   */
  public static Outcome ensure(Connection connection, PostgresSettings settings) {
    try {
      connection.setAutoCommit(false);
      try {
        try (var statement = connection.createStatement()) {
          for (var set : SESSION) {
            statement.execute(set);
          }
        }
        ensureReplication(connection, settings);
        ensureRewind(connection, settings);
        connection.commit();
        return new Outcome.Done("roles for replication and rewind are there");
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      return new Outcome.Failed("roles for replication and rewind: " + e.getMessage());
    }
  }

  private static void ensureReplication(Connection connection, PostgresSettings settings)
      throws SQLException {
    var role = settings.replication();
    if (isSuperuser(role, settings)) {
      return;
    }
    ensureRole(connection, role, "LOGIN REPLICATION", "rolcanlogin AND rolreplication");
  }

  private static void ensureRewind(Connection connection, PostgresSettings settings)
      throws SQLException {
    var configured = settings.rewind();
    if (configured.isEmpty() || isSuperuser(configured.get(), settings)) {
      return;
    }
    var role = configured.get();
    ensureRole(connection, role, "LOGIN", "rolcanlogin");
    for (var function : REWIND_FUNCTIONS) {
      if (!ask(
          connection,
          "SELECT has_function_privilege(?, ?, 'execute')",
          role.username(),
          "pg_catalog." + function)) {
        execute(
            connection,
            "GRANT EXECUTE ON FUNCTION pg_catalog.%s TO %s"
                .formatted(function, quote(role.username())));
      }
    }
    // Before it can rewind, the source must have checkpointed on its new timeline.
    if (connection.getMetaData().getDatabaseMajorVersion() * 10_000 >= PG_CHECKPOINT_ROLE_SINCE
        && !ask(connection, "SELECT pg_has_role(?, 'pg_checkpoint', 'member')", role.username())) {
      execute(connection, "GRANT pg_checkpoint TO " + quote(role.username()));
    }
  }

  private static boolean isSuperuser(Credentials role, PostgresSettings settings) {
    return role.username().equals(settings.superuser().username());
  }

  private static void ensureRole(
      Connection connection, Credentials role, String attributes, String condition)
      throws SQLException {
    var name = quote(role.username());
    if (!ask(
        connection, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?)", role.username())) {
      execute(connection, "CREATE ROLE %s %s".formatted(name, attributes));
    } else if (!ask(
        connection,
        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ? AND %s)".formatted(condition),
        role.username())) {
      execute(connection, "ALTER ROLE %s %s".formatted(name, attributes));
    }
    if (role.password().isPresent() && !hasPassword(connection, role, role.password().get())) {
      var verifier = PasswordUtil.encodeScramSha256(role.password().get().toCharArray());
      execute(connection, "ALTER ROLE %s PASSWORD '%s'".formatted(name, verifier));
    }
  }

  /** Compares with the stored verifier, by making one of the same salt. */
  private static boolean hasPassword(Connection connection, Credentials role, String password)
      throws SQLException {
    return verifier(connection, role)
        .filter(stored -> {
          // SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>
          var parts = stored.split("[$:]", -1);
          return parts.length == 5
              && parts[0].equals("SCRAM-SHA-256")
              && PasswordUtil.encodeScramSha256(
                      password.toCharArray(),
                      Integer.parseInt(parts[1]),
                      Base64.getDecoder().decode(parts[2].getBytes(StandardCharsets.US_ASCII)))
                  .equals(stored);
        })
        .isPresent();
  }

  private static Optional<String> verifier(Connection connection, Credentials role)
      throws SQLException {
    try (var statement =
        connection.prepareStatement("SELECT rolpassword FROM pg_authid WHERE rolname = ?")) {
      statement.setString(1, role.username());
      try (var row = statement.executeQuery()) {
        return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
      }
    }
  }

  private static boolean ask(Connection connection, String sql, String... arguments)
      throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      for (var i = 0; i < arguments.length; i++) {
        statement.setString(i + 1, arguments[i]);
      }
      try (var row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
