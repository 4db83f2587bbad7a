package dev.matriarch.protocol.report;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Why each member is, or is not, leader, candidate and synchronous, as one node sees it now.
 *
 * <p>It decides nothing: the election and the leader judge by what they know themselves, and by
 * newer facts.
 *
 * @param leader whom this node takes for the leader
 * @param term of the newest record stored here; 0: there is none
 * @param members all that are configured, heard, or have a vote, by name
 */
public record Explanation(Optional<NodeId> leader, long term, List<Member> members) {

  /** One member. */
  public record Member(NodeId node, Verdict leader, Verdict candidate, Verdict synchronous) {}

  /**
   * An answer.
   *
   * @param because one line with the facts
   */
  public record Verdict(boolean holds, String because) {
    static Verdict yes(String because) {
      return new Verdict(true, because);
    }

    static Verdict no(String because) {
      return new Verdict(false, because);
    }
  }

  /**
   * The configuration that counts.
   *
   * @param lagOnFailoverMaxBytes {@code maximum_lag_on_failover}; asynchronous mode
   */
  public record Limits(long lagOnFailoverMaxBytes, SyncPolicy synchronous) {}

  public Explanation {
    members = List.copyOf(members);
  }

  /**
   * The explanation of {@code view}.
   *
   * @param now on the host's clock since boot
   */
  public static Explanation of(NodeView view, Limits limits, Duration now) {
    var scene = Scene.of(view, limits, now);
    var nodes = new TreeSet<>(view.configured());
    nodes.addAll(view.members().keySet());
    view.record().ifPresent(it -> nodes.addAll(it.voterNodes()));
    return new Explanation(
        scene.leader(),
        view.record().map(ClusterRecord::term).orElse(0L),
        nodes.stream()
            .map(it ->
                new Member(
                    it,
                    LeaderReasons.of(scene, it),
                    CandidateReasons.of(scene, it),
                    SynchronousReasons.of(scene, it)))
            .toList());
  }
}
