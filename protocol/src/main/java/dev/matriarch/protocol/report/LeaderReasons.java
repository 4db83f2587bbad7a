package dev.matriarch.protocol.report;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Explanation.Verdict;

/** Why a member leads, or does not. */
final class LeaderReasons {
  private LeaderReasons() {}

  static Verdict of(Scene scene, NodeId node) {
    return scene.leads(node)
        ? Verdict.yes(whyItLeads(scene, node))
        : Verdict.no(whyItDoesNot(scene, node));
  }

  private static String whyItLeads(Scene scene, NodeId node) {
    var term = scene.record().map(ClusterRecord::term).orElse(0L);
    var how =
        scene.isSelf(node)
            ? "it holds the lease of term %d for %d ms more"
                .formatted(term, scene.view().leaseUntil().minus(scene.now()).toMillis())
            : "it leads term %d, and its beats are heard".formatted(term);
    var postgres =
        scene
            .status(node)
            .map(it ->
                Scene.isPrimary(it)
                    ? ""
                    : "; its PostgreSQL takes no writes yet (%s, %s)"
                        .formatted(it.role().text(), it.state().text()))
            .orElse("; what its PostgreSQL does has not been heard");
    var commits =
        scene.view().writePath().trouble().filter(_ -> scene.isSelf(node)).map(it -> "; " + it);
    return how + postgres + commits.orElse("");
  }

  private static String whyItDoesNot(Scene scene, NodeId node) {
    var who =
        scene
            .leader()
            .map(it -> it + " leads")
            .orElseGet(
                () -> "nobody leads, as far as %s knows".formatted(scene.view().self().node()));
    var lost =
        scene.isSelf(node) && scene.view().holdsLease() && !scene.leads(node)
            ? "; its lease has ended"
            : "";
    var last =
        scene.leader().isEmpty()
                && scene.record().flatMap(ClusterRecord::elected).filter(node::equals).isPresent()
            ? "; it was elected last"
            : "";
    var primary =
        scene.status(node).filter(Scene::isPrimary).isPresent()
            ? "; its PostgreSQL still runs as primary, and is being stopped"
            : "";
    return who + lost + last + primary;
  }
}
