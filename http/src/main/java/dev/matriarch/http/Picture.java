package dev.matriarch.http;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgState;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A node's view, judged at a moment: what was true when the view was made may have run out since.
 *
 * @param now on the host's clock since boot
 */
record Picture(NodeView view, Duration now) {

  /** Part of a member in synchronous replication. */
  enum SyncPart {
    NONE,
    SYNC,
    QUORUM
  }

  boolean holdsLock() {
    return view.holdsLease() && now.compareTo(view.leaseUntil()) < 0;
  }

  Duration leaseLeft() {
    return holdsLock() ? view.leaseUntil().minus(now) : Duration.ZERO;
  }

  /** Never this node by a lease that has run out. */
  Optional<NodeId> leader() {
    return view.leader().filter(node -> !node.equals(view.self().node()) || holdsLock());
  }

  boolean unlocked() {
    return view.record().isEmpty() || leader().isEmpty();
  }

  boolean running() {
    return view.self().state() == PgState.RUNNING;
  }

  /** The newest WAL that the leader is known to have, by its own word. */
  Optional<Lsn> leaderLsn() {
    return leader().flatMap(this::heard).flatMap(MemberStatus::newest);
  }

  /** As {@link #leaderLsn}, or by what the WAL receiver was told if that is more. */
  Optional<Lsn> sourceLsn() {
    return Stream.of(leaderLsn(), view.detail().latestEndLsn())
        .flatMap(Optional::stream)
        .max(Lsn::compareTo);
  }

  SyncPart syncPart(NodeId node) {
    if (leader().filter(node::equals).isPresent()) {
      return SyncPart.NONE;
    }
    return view.record()
        .filter(record -> inSyncSet(record, node))
        .map(record -> isQuorumMode(record) ? SyncPart.QUORUM : SyncPart.SYNC)
        .orElse(SyncPart.NONE);
  }

  private Optional<MemberStatus> heard(NodeId node) {
    return Optional.ofNullable(view.members().get(node));
  }

  private static boolean inSyncSet(ClusterRecord record, NodeId node) {
    return record
        .sync()
        .filter(set -> set.members().stream().anyMatch(member -> member.node().equals(node)))
        .isPresent();
  }

  private static boolean isQuorumMode(ClusterRecord record) {
    return "quorum".equals(record.config().get("synchronous_mode"));
  }
}
