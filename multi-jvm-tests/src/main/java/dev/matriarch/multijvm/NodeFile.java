package dev.matriarch.multijvm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration file of one node. */
public final class NodeFile {
  public static final String PASSWORD = "super";
  static final String REPLICATION_PASSWORD = "stream";
  static final long LAG_MAX = 1 << 20;

  private NodeFile() {}

  /**
   * The text.
   *
   * @param folder of the node: its data, its state, its socket
   * @param witness whether it has no PostgreSQL
   */
  static String text(
      String name,
      Path folder,
      Place own,
      Map<String, Place> all,
      ClusterSettings settings,
      boolean witness) {
    var members =
        all.entrySet().stream()
            .map(it -> "    %s: %s".formatted(it.getKey(), it.getValue().agent()))
            .collect(Collectors.joining("\n"));
    return """
    scope: trial
    name: %s
    restapi:
      listen: %s
      connect_address: %s
    cluster:
      listen: %s
      connect_address: %s
      data_dir: %s/state
      members:
    %s
    bootstrap:
      dcs:
    %s
    """
            .formatted(
                name,
                own.rest(),
                own.rest(),
                own.agent(),
                own.agent(),
                folder,
                members,
                settings.text().indent(4).stripTrailing())
        + (witness ? "" : postgresql(folder, own));
  }

  private static String postgresql(Path folder, Place own) {
    return """
    postgresql:
      listen: %s
      connect_address: %s
      data_dir: %s/data
      bin_dir: /usr/lib/postgresql/15/bin
      pgpass: %s/pgpass
      parameters:
        unix_socket_directories: %s
      authentication:
        superuser: {username: postgres, password: %s}
        replication: {username: replicator, password: %s}
      pg_hba:
    %s
    """
        .formatted(
            own.postgres(),
            own.postgres(),
            folder,
            folder,
            folder,
            PASSWORD,
            REPLICATION_PASSWORD,
            hba(own).stream().map("    - "::concat).collect(Collectors.joining("\n")));
  }

  /**
   * The network of the nodes is let in. Clients with a host of their own need no password: the
   * processor time of their logins would be that host's, and not the cluster's.
   */
  static List<String> hba(Place place) {
    var network = place.host().replaceFirst("[.][0-9]+$", ".0/24");
    var lines = new ArrayList<String>();
    lines.add("local all all peer");
    if (place.namespace().isPresent()) {
      lines.add("host all all %s/32 trust".formatted(Network.CLIENTS_HOST));
    }
    lines.add("host all all %s scram-sha-256".formatted(network));
    lines.add("host replication replicator %s scram-sha-256".formatted(network));
    return List.copyOf(lines);
  }
}
