package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Endpoint;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * Where and how to connect by libpq. It holds no password: that is in the password file, so that
 * neither configuration files nor process lists show it.
 *
 * @param applicationName what the other side knows this connection by
 * @param passfile see {@link PgPass}
 * @param options further keywords of libpq, {@code sslmode}
 */
public record Conninfo(
    Endpoint host,
    String user,
    String applicationName,
    Path passfile,
    SortedMap<String, String> options) {
  /** Gives a server that does not answer up after a while. */
  static final SortedMap<String, String> PATIENT = new TreeMap<>(Map.of("connect_timeout", "10"));

  /**
   * For a stream: both kernels end a connection over which nothing has come through for five
   * seconds, or has been answered where nothing was to be sent. What is lost is sent again ever
   * more rarely, so that a connection that a cut has left is of no use long after healing, and its
   * sender holds the slot by which the standby would connect again (PostgreSQL documentation,
   * "tcp_user_timeout"; RFC 5482).
   */
  public static final SortedMap<String, String> STREAM =
      new TreeMap<>(
          Map.of(
              "keepalives_idle",
              "2",
              "keepalives_interval",
              "1",
              "tcp_user_timeout",
              "5000",
              "options",
              "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_user_timeout=5000"));

  /**
   * @throws IllegalArgumentException if an option is a password, or its name is not a keyword
   */
  public Conninfo {
    options = new TreeMap<>(options);
    for (var keyword : options.keySet()) {
      if (!keyword.matches("[a-z][a-z0-9_]*") || keyword.equals("password")) {
        throw new IllegalArgumentException(
            "'%s' cannot be an option of a connection string".formatted(keyword));
      }
    }
  }

  /** The text form that {@code primary_conninfo} and PostgreSQL's programs take. */
  public String format() {
    return format(Map.of());
  }

  /** As {@link #format()}, for one database. */
  public String format(String database) {
    return format(Map.of("dbname", database));
  }

  private String format(Map<String, String> more) {
    var joiner = new StringJoiner(" ");
    joiner.add(pair("host", host.host()));
    joiner.add(pair("port", Integer.toString(host.port())));
    joiner.add(pair("user", user));
    joiner.add(pair("application_name", applicationName));
    joiner.add(pair("passfile", passfile.toString()));
    more.forEach((keyword, value) -> joiner.add(pair(keyword, value)));
    options.forEach((keyword, value) -> joiner.add(pair(keyword, value)));
    return joiner.toString();
  }

  /** Quoting by libpq's rules: a backslash before a quote and before a backslash. */
  private static String pair(String keyword, String value) {
    return value.matches("[A-Za-z0-9_./:-]+")
        ? keyword + "=" + value
        : keyword + "='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
