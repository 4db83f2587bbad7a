package dev.matriarch.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.matriarch.deploy.cli.ClusterReport.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** The rows of {@code list} and {@code topology}: columns, names and rounding of patronictl. */
final class MemberListing {
  private static final int POSTGRESQL_PORT = 5432;
  private static final int REASON_LENGTH_MAX = 50;
  private static final double MEGABYTE = 1024.0 * 1024;
  private static final List<String> OPTIONAL =
      List.of("Pending restart", "Pending restart reason", "Scheduled restart", "Tags");

  private final ClusterReport cluster;
  private final OutputFormat format;
  private final boolean portsShown;

  private MemberListing(ClusterReport cluster, OutputFormat format) {
    this.cluster = cluster;
    this.format = format;
    this.portsShown = portsAreShown(cluster.members());
  }

  /** Members in the order of their names. */
  static Rows list(ClusterReport cluster, boolean extended, OutputFormat format) {
    var rows = new ArrayList<SequencedMap<String, JsonNode>>();
    var listing = new MemberListing(cluster, format);
    for (var member : cluster.members()) {
      rows.add(listing.row(member, member.name()));
    }
    return listing.rows(rows, extended);
  }

  /** Members below the ones that they replicate from. */
  static Rows topology(ClusterReport cluster) {
    var rows = new ArrayList<SequencedMap<String, JsonNode>>();
    var listing = new MemberListing(cluster, OutputFormat.PRETTY);
    for (var placed : Topology.of(cluster.members())) {
      var prefix = placed.depth() == 0 ? "" : "  ".repeat(placed.depth() - 1) + "+ ";
      rows.add(listing.row(placed.member(), prefix + placed.member().name()));
    }
    return listing.rows(rows, false);
  }

  private static boolean portsAreShown(List<Member> members) {
    var hosts = new HashSet<String>();
    for (var member : members) {
      var host = member.text("host");
      var port = member.json().path("port").asInt(POSTGRESQL_PORT);
      if (port != POSTGRESQL_PORT || (!host.isEmpty() && !hosts.add(host))) {
        return true;
      }
    }
    return false;
  }

  private Rows rows(List<SequencedMap<String, JsonNode>> rows, boolean extended) {
    var columns =
        new ArrayList<>(
            List.of(
                "Cluster",
                "Member",
                "Host",
                "Role",
                "State",
                "TL",
                "Receive LSN",
                "Receive Lag",
                "Replay LSN",
                "Replay Lag"));
    OPTIONAL.stream()
        .filter(column -> extended || rows.stream().anyMatch(row -> row.containsKey(column)))
        .forEach(columns::add);
    return new Rows(columns, rows);
  }

  private SequencedMap<String, JsonNode> row(Member member, String name) {
    var row = new LinkedHashMap<String, JsonNode>();
    row.put("Cluster", TextNode.valueOf(cluster.scope()));
    row.put("Member", TextNode.valueOf(name));
    row.put("Host", TextNode.valueOf(host(member)));
    row.put("Role", TextNode.valueOf(titled(member.role())));
    row.put("State", TextNode.valueOf(member.state()));
    copy(member, "timeline", row, "TL");
    copy(member, "receive_lsn", row, "Receive LSN");
    lag(member, "receive_lag", row, "Receive Lag");
    copy(member, "replay_lsn", row, "Replay LSN");
    lag(member, "replay_lag", row, "Replay Lag");
    if (member.json().path("pending_restart").asBoolean()) {
      row.put("Pending restart", TextNode.valueOf("*"));
    }
    pendingReason(member, row);
    scheduledRestart(member, row);
    if (!member.json().path("tags").isEmpty()) {
      copy(member, "tags", row, "Tags");
    }
    return row;
  }

  private String host(Member member) {
    var port = member.json().path("port");
    var host = member.text("host");
    return portsShown && !host.isEmpty() && port.isNumber() ? host + ":" + port.asInt() : host;
  }

  /** {@code sync_standby} is shown as {@code Sync Standby}. */
  private static String titled(String role) {
    return List.of(role.split("_", -1)).stream()
        .filter(word -> !word.isEmpty())
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining(" "));
  }

  private static void copy(
      Member member, String key, SequencedMap<String, JsonNode> row, String column) {
    var value = member.json().path(key);
    if (!value.isMissingNode() && !value.isNull()) {
      row.put(column, value);
    }
  }

  private static void lag(
      Member member, String key, SequencedMap<String, JsonNode> row, String column) {
    var lagBytes = member.json().path(key);
    if (lagBytes.isNumber()) {
      row.put(column, IntNode.valueOf((int) Math.rint(lagBytes.asLong() / MEGABYTE)));
    }
  }

  private void pendingReason(Member member, SequencedMap<String, JsonNode> row) {
    var hidesLong = format == OutputFormat.PRETTY;
    var reasons =
        member.json().path("pending_restart_reason").properties().stream()
            .map(entry -> {
              var change = entry.getValue();
              var whole =
                  "%s: %s->%s"
                      .formatted(
                          entry.getKey(),
                          change.path("old_value").asText(""),
                          change.path("new_value").asText(""));
              return hidesLong && whole.length() > REASON_LENGTH_MAX
                  ? entry.getKey() + ": [too long, see the JSON format]"
                  : whole;
            })
            .collect(Collectors.joining(format == OutputFormat.TSV ? ", " : "\n"));
    if (!reasons.isEmpty()) {
      row.put("Pending restart reason", TextNode.valueOf(reasons));
    }
  }

  private static void scheduledRestart(Member member, SequencedMap<String, JsonNode> row) {
    var restart = member.json().path("scheduled_restart");
    if (restart.isObject()) {
      var below = restart.path("postgres_version").asText("");
      row.put(
          "Scheduled restart",
          TextNode.valueOf(
              restart.path("schedule").asText("")
                  + (below.isEmpty() ? "" : " if version < " + below)));
    }
  }

  /** What is told below the table; empty when there is nothing special. */
  static List<String> footer(ClusterReport cluster) {
    var lines = new ArrayList<String>();
    if (cluster.paused()) {
      lines.add(" Maintenance mode: on");
    }
    cluster
        .switchover()
        .ifPresent(planned -> {
          lines.add(" Switchover scheduled at: " + planned.at());
          planned.from().ifPresent(from -> lines.add("%24s: %s".formatted("from", from)));
          planned.to().ifPresent(to -> lines.add("%24s: %s".formatted("to", to)));
        });
    return lines;
  }

  static String title(ClusterReport cluster) {
    return " Cluster: %s (%s) "
        .formatted(cluster.scope(), cluster.systemId().orElse("uninitialized"));
  }
}
