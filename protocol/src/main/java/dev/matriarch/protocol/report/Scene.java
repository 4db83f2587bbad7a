package dev.matriarch.protocol.report;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The facts that reasons are made of.
 *
 * @param leader not this node by a lease that has run out
 */
record Scene(NodeView view, Explanation.Limits limits, Duration now, Optional<NodeId> leader) {

  /** A member and how much WAL it holds. */
  record Best(NodeId node, Lsn end) {}

  static Scene of(NodeView view, Explanation.Limits limits, Duration now) {
    var holds = view.holdsLease() && now.compareTo(view.leaseUntil()) < 0;
    var leader = view.leader().filter(it -> !it.equals(view.self().node()) || holds);
    return new Scene(view, limits, now, leader);
  }

  boolean leads(NodeId node) {
    return leader.equals(Optional.of(node));
  }

  boolean isSelf(NodeId node) {
    return view.self().node().equals(node);
  }

  Optional<MemberStatus> status(NodeId node) {
    return Optional.ofNullable(view.members().get(node));
  }

  Optional<ClusterRecord> record() {
    return view.record();
  }

  Optional<SyncSet> set() {
    return record().flatMap(ClusterRecord::sync);
  }

  /** The leader's WAL, or without one what the best member that is heard holds. */
  Optional<Best> most() {
    var ofLeader =
        leader
            .flatMap(this::status)
            .flatMap(it -> it.newest().map(end -> new Best(it.node(), end)));
    return ofLeader.or(() ->
        view.members().values().stream()
            .flatMap(it -> it.newest().map(end -> new Best(it.node(), end)).stream())
            .max(Comparator.comparing(Best::end)));
  }

  static boolean runs(MemberStatus status) {
    return status.state() == PgState.RUNNING;
  }

  static boolean isPrimary(MemberStatus status) {
    return runs(status) && status.role() == PgRole.PRIMARY;
  }

  static boolean streams(MemberStatus status) {
    return runs(status) && status.replicationState().equals(Optional.of("streaming"));
  }

  static String names(Collection<Incarnation> members) {
    return members.stream()
        .map(it -> it.node().value())
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
