package dev.matriarch.http;

import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.ReplicationRow;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a node tells of itself: the body of {@code GET /patroni} and of all health checks. */
final class StatusJson {
  private StatusJson() {}

  /** Before there is a picture, only who answers. */
  static Map<String, Object> of(Identity identity, Optional<Picture> picture) {
    var status = new LinkedHashMap<String, Object>();
    picture.ifPresentOrElse(
        known -> {
          putInstance(status, known);
          putCluster(status, known);
        },
        () -> {
          status.put("state", "unknown");
          status.put("cluster_unlocked", true);
        });
    var agent = new LinkedHashMap<String, Object>();
    agent.put("version", identity.version());
    agent.put("scope", identity.scope());
    agent.put("name", identity.name().value());
    status.put("patroni", agent);
    return status;
  }

  private static void putInstance(Map<String, Object> status, Picture picture) {
    var self = picture.view().self();
    var detail = picture.view().detail();
    status.put("state", self.state().text());
    if (!picture.running()) {
      status.put("role", self.role().text());
      return;
    }
    detail.postmasterStart().ifPresent(start -> status.put("postmaster_start_time", start));
    status.put("role", self.role().text());
    self.serverVersion().ifPresent(version -> status.put("server_version", version));
    xlog(picture).ifPresent(xlog -> status.put("xlog", xlog));
    switch (picture.ownSyncPart()) {
      case SYNC -> status.put("sync_standby", true);
      case QUORUM -> status.put("quorum_standby", true);
      case NONE -> {}
    }
    self.timeline().ifPresent(timeline -> status.put("timeline", timeline));
    if (self.role() == PgRole.REPLICA) {
      self.replicationState().ifPresent(state -> status.put("replication_state", state));
    }
    if (!detail.replication().isEmpty()) {
      status.put(
          "replication", detail.replication().stream().map(StatusJson::replication).toList());
    }
  }

  private static Optional<Map<String, Object>> xlog(Picture picture) {
    var self = picture.view().self();
    var detail = picture.view().detail();
    return switch (self.role()) {
      case PRIMARY -> self.location().map(location -> Map.of("location", location.bytes()));
      case REPLICA ->
          self.replayed()
              .map(replayed -> {
                var xlog = new LinkedHashMap<String, Object>();
                var received = self.received().orElse(replayed);
                xlog.put("received_location", received.bytes());
                xlog.put("replayed_location", replayed.bytes());
                xlog.put("replayed_timestamp", detail.replayTimestamp().orElse(null));
                xlog.put("paused", detail.replayPaused());
                return xlog;
              });
      case DEMOTED, UNINITIALIZED -> Optional.empty();
    };
  }

  private static Map<String, Object> replication(ReplicationRow sender) {
    var row = new LinkedHashMap<String, Object>();
    row.put("usename", sender.username());
    row.put("application_name", sender.applicationName());
    row.put("client_addr", sender.clientAddress().orElse(null));
    row.put("state", sender.state());
    row.put("sync_state", sender.syncState());
    row.put("sync_priority", sender.syncPriority());
    return row;
  }

  private static void putCluster(Map<String, Object> status, Picture picture) {
    var view = picture.view();
    if (view.pause()) {
      status.put("pause", true);
    }
    if (picture.unlocked()) {
      status.put("cluster_unlocked", true);
    }
    view.lastQuorumContact().ifPresent(seen -> status.put("dcs_last_seen", seen.getEpochSecond()));
    if (!view.self().tags().values().isEmpty()) {
      status.put("tags", new TreeMap<>(view.self().tags().values()));
    }
    view.self()
        .systemIdentifier()
        .ifPresent(identifier -> status.put("database_system_identifier", identifier));
    if (view.self().pendingRestart()) {
      status.put("pending_restart", true);
    }
  }
}
