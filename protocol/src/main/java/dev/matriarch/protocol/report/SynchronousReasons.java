package dev.matriarch.protocol.report;

import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Explanation.Verdict;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.SyncMode;
import java.util.Comparator;
import java.util.Optional;

/** Why commits wait for a member, or do not. */
final class SynchronousReasons {
  private SynchronousReasons() {}

  static Verdict of(Scene scene, NodeId node) {
    var mode = scene.limits().synchronous().mode();
    var set = scene.set();
    if (set.isEmpty()) {
      return Verdict.no(
          mode == SyncMode.OFF
              ? "synchronous_mode is off"
              : "the leader has not switched synchronous_mode on yet");
    }
    if (scene.leads(node)) {
      return Verdict.no(ofLeader(scene, set.get()));
    }
    var status = scene.status(node);
    return status.filter(it -> it.isIn(set.get())).isPresent()
            || (status.isEmpty() && names(set.get(), node))
        ? Verdict.yes(inSet(scene, set.get(), status))
        : Verdict.no(status.map(it -> outside(scene, set.get(), it)).orElse(SILENT));
  }

  private static final String SILENT = "nothing is heard of its agent";

  private static boolean names(SyncSet set, NodeId node) {
    return set.copies() > 1 && set.members().stream().anyMatch(it -> it.node().equals(node));
  }

  private static String ofLeader(Scene scene, SyncSet set) {
    if (set.copies() == 1) {
      return scene.limits().synchronous().strict()
          ? "it leads; no standby is synchronous, and commits wait until one is"
          : "it leads; no standby is synchronous, and it acknowledges commits alone";
    }
    return "it leads; " + copies(set);
  }

  private static String copies(SyncSet set) {
    return "each commit is on %d of {%s} before it is acknowledged"
        .formatted(set.copies(), Scene.names(set.members()));
  }

  private static String inSet(Scene scene, SyncSet set, Optional<MemberStatus> status) {
    var doubt =
        status
            .map(it -> Scene.streams(it) ? "" : "; it does not stream at the moment")
            .orElse("; " + SILENT);
    var ends =
        scene.limits().synchronous().mode() == SyncMode.OFF
            ? "; synchronous_mode is being switched off"
            : "";
    return copies(set) + doubt + ends;
  }

  private static String outside(Scene scene, SyncSet set, MemberStatus status) {
    var policy = scene.limits().synchronous();
    if (status.postgres().isEmpty()) {
      return "it is a witness: it has no PostgreSQL";
    }
    if (policy.mode() == SyncMode.OFF) {
      return "synchronous_mode is being switched off";
    }
    if (status.tags().syncPriority() <= 0) {
      return Boolean.TRUE.equals(status.tags().values().get("nosync"))
          ? "its tag nosync is set"
          : "its tag sync_priority is %d".formatted(status.tags().syncPriority());
    }
    if (!IncarnationName.canName(status.node())) {
      return "its name cannot be told to PostgreSQL: at most %d printable ASCII characters"
          .formatted(IncarnationName.NODE_MAX);
    }
    if (!Scene.streams(status)) {
      return "it does not stream (%s)"
          .formatted(
              Scene.runs(status)
                  ? status.replicationState().orElse("no replication")
                  : status.state().text());
    }
    return lag(scene, status)
        .or(() -> another(set, status))
        .or(() -> chosen(scene, set))
        .orElse("it streams, and is on its way into the set; the leader proves each step first");
  }

  private static Optional<String> lag(Scene scene, MemberStatus status) {
    var limit = scene.limits().synchronous().lagMaxBytes();
    var best =
        scene.view().members().values().stream()
            .filter(Scene::streams)
            .flatMap(it -> it.newest().stream())
            .max(Comparator.naturalOrder());
    var behind = status.newest().orElse(Lsn.ZERO).bytesBehind(best.orElse(Lsn.ZERO));
    return limit.isPresent() && behind > limit.getAsLong()
        ? Optional.of(
            "it is %d bytes behind the best standby; maximum_lag_on_syncnode is %d"
                .formatted(behind, limit.getAsLong()))
        : Optional.empty();
  }

  private static Optional<String> another(SyncSet set, MemberStatus status) {
    return names(set, status.node())
        ? Optional.of("the set names earlier data of it, which were replaced by these")
        : Optional.empty();
  }

  /** Mode {@code on} takes as many as are asked for, and lets them be. */
  private static Optional<String> chosen(Scene scene, SyncSet set) {
    var policy = scene.limits().synchronous();
    return policy.mode() == SyncMode.PRIORITY && set.members().size() > policy.nodeCount()
        ? Optional.of(
            "synchronous_node_count is %d, and the set is {%s}"
                .formatted(policy.nodeCount(), Scene.names(set.members())))
        : Optional.empty();
  }
}
