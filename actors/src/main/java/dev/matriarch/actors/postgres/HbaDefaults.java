package dev.matriarch.actors.postgres;

import dev.matriarch.config.PostgresSettings;
import dev.matriarch.config.PostgresSettings.Credentials;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/**
 * The {@code pg_hba.conf} of a new cluster for which none is configured: everybody from this host,
 * the agents' roles from the members, always with a password. Applications on other hosts are let
 * in by the operator.
 */
public final class HbaDefaults {
  private static final String METHOD = "scram-sha-256";

  private HbaDefaults() {}

  /**
   * The lines, in the order of the file.
   *
   * @param memberHosts names or addresses of all members, as they connect to each other
   */
  public static List<String> lines(PostgresSettings settings, SortedSet<String> memberHosts) {
    var lines = new ArrayList<String>();
    lines.add("local all all " + METHOD);
    for (var address : List.of("127.0.0.1/32", "::1/128", "samehost")) {
      lines.add("host all all %s %s".formatted(address, METHOD));
    }
    lines.add("local replication %s %s".formatted(name(settings.replication()), METHOD));
    for (var address : List.of("127.0.0.1/32", "::1/128", "samehost")) {
      lines.add(replication(settings, address));
    }
    var rewinds = settings.rewind().orElse(settings.superuser());
    for (var host : memberHosts) {
      lines.add(replication(settings, address(host)));
      lines.add("host postgres %s %s %s".formatted(name(rewinds), address(host), METHOD));
    }
    return List.copyOf(lines);
  }

  private static String replication(PostgresSettings settings, String address) {
    return "host replication %s %s %s".formatted(name(settings.replication()), address, METHOD);
  }

  private static String name(Credentials role) {
    return '"' + role.username().replace("\"", "\"\"") + '"';
  }

  private static String address(String host) {
    if (host.contains(":")) {
      return host + "/128";
    }
    return host.matches("[0-9.]+") ? host + "/32" : host;
  }
}
