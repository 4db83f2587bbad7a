package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import dev.matriarch.protocol.status.ReplicationRow;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.SyncMode;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the leader knows when it is asked to hand over.
 *
 * @param primary whether this node leads, and its PostgreSQL is the primary on the record's
 *     timeline
 * @param written the end of its WAL
 * @param others all other members that are heard
 * @param confirmed how much the standbys that stream from here have on disk, by the same look at
 *     PostgreSQL as {@code written}; a standby's own word may be a second old
 * @param sync the record's synchronous set
 * @param mode as configured
 * @param lagMaxBytes how much WAL a candidate may lack
 */
public record SwitchoverView(
    NodeId self,
    boolean primary,
    Optional<Lsn> written,
    SortedMap<NodeId, MemberStatus> others,
    Map<NodeId, Lsn> confirmed,
    Optional<SyncSet> sync,
    SyncMode mode,
    long lagMaxBytes,
    boolean paused) {

  public static SwitchoverView of(NodeView view, SyncMode mode, long lagMaxBytes) {
    var self = view.self();
    var others = new TreeMap<>(view.members());
    others.remove(self.node());
    var confirmed = new TreeMap<NodeId, Lsn>();
    for (var row : view.detail().replication()) {
      if (row.state().equals("streaming")) {
        row.flushed().ifPresent(it -> confirmed.put(nodeOf(row), it));
      }
    }
    return new SwitchoverView(
        self.node(),
        view.holdsLease()
            && self.state() == PgState.RUNNING
            && self.role() == PgRole.PRIMARY
            && self.timeline().equals(view.record().map(ClusterRecord::timeline)),
        self.location(),
        others,
        confirmed,
        view.record().flatMap(ClusterRecord::sync),
        mode,
        lagMaxBytes,
        view.pause());
  }

  private static NodeId nodeOf(ReplicationRow row) {
    return IncarnationName.parse(row.applicationName())
        .map(Incarnation::node)
        .orElseGet(() -> new NodeId(row.applicationName().isBlank() ? "-" : row.applicationName()));
  }

  boolean isSynchronous(MemberStatus member) {
    return sync.filter(member::isIn).isPresent();
  }

  /** WAL that is not known to be on the member's disk, bytes. */
  long lagBytes(MemberStatus member) {
    var held = Optional.ofNullable(confirmed.get(member.node())).or(member::newest);
    return written.isEmpty() || held.isEmpty()
        ? Long.MAX_VALUE
        : Math.max(0, written.get().bytes() - held.get().bytes());
  }
}
