package dev.matriarch.protocol.report;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Explanation.Verdict;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.Hindrance;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Why a member could be elected, or could not. */
final class CandidateReasons {
  private CandidateReasons() {}

  static Verdict of(Scene scene, NodeId node) {
    if (scene.leads(node)) {
      return Verdict.no("it leads already");
    }
    var heard = scene.status(node);
    if (heard.isEmpty()) {
      return Verdict.no("nothing is heard of its agent");
    }
    var status = heard.get();
    if (status.postgres().isEmpty()) {
      return Verdict.no("it is a witness: it votes and has no PostgreSQL");
    }
    var obstacles = new ArrayList<String>();
    tags(status).ifPresent(obstacles::add);
    status.ability().stream()
        .flatMap(it -> it.hindrances().stream().sorted())
        .map(Hindrance::text)
        .forEach(obstacles::add);
    data(scene, status).ifPresent(obstacles::add);
    lag(scene, status).ifPresent(obstacles::add);
    alone(scene, node).ifPresent(obstacles::add);
    return obstacles.isEmpty()
        ? Verdict.yes(String.join("; ", facts(scene, status)))
        : Verdict.no(String.join("; ", obstacles));
  }

  private static Optional<String> tags(MemberStatus status) {
    if (status.tags().mayLead()) {
      return Optional.empty();
    }
    return Optional.of(
        Boolean.TRUE.equals(status.tags().values().get("nofailover"))
            ? "its tag nofailover is set"
            : "its tag failover_priority is %d".formatted(status.tags().failoverPriority()));
  }

  private static Optional<String> data(Scene scene, MemberStatus status) {
    var cluster = scene.record().flatMap(ClusterRecord::systemIdentifier);
    if (cluster.isEmpty()) {
      return Optional.empty(); // whoever founds the cluster may do so with data or without
    }
    if (status.role() == PgRole.UNINITIALIZED) {
      return Optional.of("it has no data");
    }
    if (status.systemIdentifier().filter(it -> !it.equals(cluster.get())).isPresent()) {
      return Optional.of(
          "its data are of another cluster, %s, not %s"
              .formatted(status.systemIdentifier().orElseThrow(), cluster.get()));
    }
    if (status.newest().isEmpty()) {
      return Optional.of(
          "its PostgreSQL does not tell how much WAL it has (%s)".formatted(status.state().text()));
    }
    var newest = scene.record().map(ClusterRecord::timeline).orElse(0);
    return status
        .timeline()
        .filter(it -> it > newest && scene.set().isEmpty())
        .map(it -> "its WAL is of timeline %d, which was never elected".formatted(it));
  }

  /** In synchronous mode the promises tell what is missing, and the limit does not count. */
  private static Optional<String> lag(Scene scene, MemberStatus status) {
    var limit = scene.limits().lagOnFailoverMaxBytes();
    return scene.set().isPresent()
        ? Optional.empty()
        : behind(scene, status)
            .filter(it -> it.bytes() > limit)
            .map(it ->
                "it lacks %d bytes that %s has; maximum_lag_on_failover is %d"
                    .formatted(it.bytes(), it.than(), limit));
  }

  private record Behind(long bytes, NodeId than) {}

  private static Optional<Behind> behind(Scene scene, MemberStatus status) {
    return status
        .newest()
        .flatMap(own ->
            scene
                .most()
                .filter(it -> !it.node().equals(status.node()))
                .map(it -> new Behind(own.bytesBehind(it.end()), it.node())));
  }

  /** What one node alone has acknowledged, nobody may leave behind. */
  private static Optional<String> alone(Scene scene, NodeId node) {
    return scene
        .set()
        .filter(it -> it.copies() == 1)
        .filter(it -> it.members().stream().noneMatch(member -> member.node().equals(node)))
        .map(it ->
            "%s alone acknowledges commits: without it nobody is elected"
                .formatted(Scene.names(it.members())));
  }

  private static List<String> facts(Scene scene, MemberStatus status) {
    var facts = new ArrayList<String>();
    behind(scene, status)
        .map(it ->
            it.bytes() == 0
                ? "it has all WAL that %s told of".formatted(it.than())
                : "%d bytes behind %s".formatted(it.bytes(), it.than()))
        .or(() -> status.newest().map(_ -> "nobody is known to have more WAL"))
        .or(() -> Optional.of("it may found the cluster"))
        .ifPresent(facts::add);
    facts.add("priority %d".formatted(status.tags().failoverPriority()));
    scene.set().map(it -> membership(it, status)).ifPresent(facts::add);
    status
        .ability()
        .flatMap(Ability::fencedFor)
        .map("fenced for ballot %s: it receives nothing until that one's leader runs"::formatted)
        .ifPresent(facts::add);
    if (!hasVote(scene, status.node())) {
      facts.add("its vote does not count yet: the record does not name its store");
    }
    return facts;
  }

  private static String membership(SyncSet set, MemberStatus status) {
    var quorum =
        "%d of the synchronous set {%s} must answer"
            .formatted(set.readQuorum(), Scene.names(set.members()));
    var outside = set.members().stream().noneMatch(it -> it.node().equals(status.node()));
    return outside ? quorum + ", none with more WAL than this outsider" : quorum;
  }

  private static boolean hasVote(Scene scene, NodeId node) {
    return scene
        .record()
        .map(it -> it.voters().stores().get(node))
        .filter(it -> !it.equals(StoreId.UNKNOWN))
        .isPresent();
  }
}
