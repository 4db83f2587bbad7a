package dev.matriarch.actors;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.sync.SyncView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The standbys of a leader as the planner sees them: what its PostgreSQL says of each, and whether
 * the node's agent answers. One whose agent is gone could not promise, so it is no good member of
 * the set either. Touched by the supervisor only.
 */
final class Standbys {
  private final Map<Incarnation, Duration> unansweredSince = new HashMap<>();
  private boolean suspected;

  void forget() {
    unansweredSince.clear();
    suspected = false;
  }

  /** Whether one of the last view may have to leave the set soon. */
  boolean anySuspected() {
    return suspected;
  }

  static Tags tags(Map<NodeId, MemberStatus> members, NodeId node) {
    return Optional.ofNullable(members.get(node)).map(MemberStatus::tags).orElse(Tags.NONE);
  }

  /**
   * The planner's view.
   *
   * @param rows the standbys as PostgreSQL shows them
   */
  SyncView view(
      Knowledge knowledge,
      List<SyncView.Standby> rows,
      Incarnation me,
      ClusterRecord record,
      boolean proposed,
      Duration now) {
    var members = new HashSet<>(record.sync().map(SyncSet::members).orElse(Set.of()));
    members.remove(me);
    var all = new ArrayList<SyncView.Standby>();
    for (var row : rows) {
      members.remove(row.incarnation());
      all.add(judged(knowledge, row, now));
    }
    for (var gone : members) {
      var tags = tags(knowledge.members, gone.node());
      all.add(
          judged(
              knowledge,
              new SyncView.Standby(gone, false, false, Lsn.ZERO, Optional.of(now), tags),
              now));
    }
    unansweredSince.keySet().retainAll(all.stream().map(SyncView.Standby::incarnation).toList());
    suspected =
        all.stream()
            .anyMatch(it ->
                it.suspectedSince().isPresent()
                    && record
                        .sync()
                        .filter(set -> set.members().contains(it.incarnation()))
                        .isPresent());
    return new SyncView(me, record.sync(), proposed, knowledge.waitsFor.orElseThrow(), all, now);
  }

  private SyncView.Standby judged(Knowledge knowledge, SyncView.Standby row, Duration now) {
    var well =
        row.streaming()
            && row.suspectedSince().isEmpty()
            && knowledge.present.contains(row.incarnation().node());
    if (well) {
      unansweredSince.remove(row.incarnation());
    } else {
      unansweredSince.putIfAbsent(row.incarnation(), now);
    }
    var since =
        Stream.concat(
                row.suspectedSince().stream(),
                Stream.ofNullable(unansweredSince.get(row.incarnation())))
            .min(Comparator.naturalOrder());
    return new SyncView.Standby(
        row.incarnation(),
        row.streaming(),
        isSettled(knowledge, row.incarnation()),
        row.confirmed(),
        since,
        row.tags());
  }

  private static boolean isSettled(Knowledge knowledge, Incarnation data) {
    return Optional.ofNullable(knowledge.members.get(data.node()))
        .filter(it -> it.incarnation().equals(Optional.of(data.number())))
        .filter(it -> it.newest().isPresent())
        .isPresent();
  }
}
