package dev.matriarch.http;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a node knows of the cluster: the bodies of {@code /cluster, /history, /config}. */
final class ClusterJson {
  private static final String UNKNOWN = "unknown";

  private ClusterJson() {}

  /** The members that were heard lately, by name. */
  static Map<String, Object> cluster(Picture picture) {
    var cluster = new LinkedHashMap<String, Object>();
    cluster.put(
        "members",
        picture.view().members().values().stream().map(member -> member(picture, member)).toList());
    if (picture.view().pause()) {
      cluster.put("pause", true);
    }
    cluster.put("scope", picture.view().scope());
    return cluster;
  }

  /**
   * One row for each timeline that ended: its number, where it ended, why the next leader was
   * elected, when, and who. The first timeline has no parent, so it makes no row.
   */
  static List<List<Object>> history(ClusterRecord record) {
    var rows = new ArrayList<List<Object>>();
    var ended = 0;
    for (var entry : record.history()) {
      // Rows may have been trimmed off: then the number before is the best guess.
      var parent = ended > 0 ? ended : entry.timeline() - 1;
      if (parent > 0) {
        rows.add(historyRow(parent, entry));
      }
      ended = entry.timeline();
    }
    return rows;
  }

  static Map<String, Object> config(ClusterRecord record) {
    return new TreeMap<>(record.config());
  }

  /** Without a time the row ends early: what follows is known by its place. */
  private static List<Object> historyRow(int ended, HistoryEntry next) {
    var fork = next.fork().bytes();
    return next.at()
        .map(at -> List.<Object>of(ended, fork, next.reason(), at, next.leader().value()))
        .orElseGet(() -> List.of(ended, fork, next.reason()));
  }

  private static Map<String, Object> member(Picture picture, MemberStatus member) {
    var leads = picture.leader().filter(member.node()::equals).isPresent();
    var row = new LinkedHashMap<String, Object>();
    row.put("name", member.node().value());
    row.put("role", leads ? "leader" : roleOfFollower(picture, member));
    row.put("state", leads ? member.state().text() : stateOfFollower(member));
    row.put("api_url", member.apiUrl());
    member
        .postgres()
        .ifPresent(endpoint -> {
          row.put("host", endpoint.host());
          row.put("port", endpoint.port());
        });
    member.timeline().ifPresent(timeline -> row.put("timeline", timeline));
    if (member.pendingRestart()) {
      row.put("pending_restart", true);
    }
    if (!member.tags().values().isEmpty()) {
      row.put("tags", new TreeMap<>(member.tags().values()));
    }
    if (!leads) {
      putLag(row, "receive_lsn", "receive_lag", picture, member.received());
      putLag(row, "replay_lsn", "replay_lag", picture, member.replayed());
      putLag(row, "lsn", "lag", picture, member.newest());
    }
    return row;
  }

  private static String roleOfFollower(Picture picture, MemberStatus member) {
    return switch (picture.syncPart(member)) {
      case SYNC -> "sync_standby";
      case QUORUM -> "quorum_standby";
      case NONE -> "replica";
    };
  }

  private static String stateOfFollower(MemberStatus member) {
    return Optional.of(member)
        .filter(it -> it.state() == PgState.RUNNING)
        .flatMap(MemberStatus::replicationState)
        .orElse(member.state().text());
  }

  private static void putLag(
      Map<String, Object> row, String lsnKey, String lagKey, Picture picture, Optional<Lsn> own) {
    row.put(lsnKey, own.map(Lsn::format).orElse(UNKNOWN));
    var lag = own.flatMap(lsn -> picture.leaderLsn().map(lsn::bytesBehind));
    row.put(lagKey, lag.<Object>map(bytes -> bytes).orElse(UNKNOWN));
  }
}
