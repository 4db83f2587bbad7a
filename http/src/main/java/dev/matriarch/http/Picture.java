package dev.matriarch.http;

import dev.matriarch.config.SynchronousKeys;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import dev.matriarch.protocol.sync.SyncMode;
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

  /**
   * By the data that a member has, not by its name: a copy that is still being made is no part of
   * what its predecessor was a part of.
   */
  SyncPart syncPart(MemberStatus member) {
    return view.record()
        .filter(record -> !leads(member.node(), record))
        .filter(record -> record.sync().filter(member::isIn).isPresent())
        .map(record -> isQuorumMode(record) ? SyncPart.QUORUM : SyncPart.SYNC)
        .orElse(SyncPart.NONE);
  }

  /** Of this node, as long as it replicates. */
  SyncPart ownSyncPart() {
    var replicates = running() && view.self().role() == PgRole.REPLICA;
    return replicates ? syncPart(view.self()) : SyncPart.NONE;
  }

  private Optional<MemberStatus> heard(NodeId node) {
    return Optional.ofNullable(view.members().get(node));
  }

  /** Or has lost the lease, and nobody has followed it yet. */
  private boolean leads(NodeId node, ClusterRecord record) {
    return leader().or(record::elected).filter(node::equals).isPresent();
  }

  private static boolean isQuorumMode(ClusterRecord record) {
    return SynchronousKeys.policy(record.config()).mode() == SyncMode.QUORUM;
  }
}
