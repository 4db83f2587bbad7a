package dev.matriarch.protocol.status;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.FailoverLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Everything the REST API answers from: one immutable picture, made anew after each decision.
 *
 * @param scope the cluster's name
 * @param self what this node says of itself
 * @param holdsLease whether this node held the lease when the picture was made
 * @param leaseUntil end of the own lease on the host's clock since boot; zero: none. A reader
 *     compares it with the clock: a stale picture must not claim a lease
 * @param leader whom this node takes for the leader
 * @param members what each member last said, this one included; those that fell silent are left out
 * @param configured all configured members, whether heard or not
 * @param record the newest cluster record stored here
 * @param lastQuorumContact when a majority was last known to be there, wall clock
 * @param pause maintenance mode
 * @param nextDecisionBy when the next decision is due at the latest, on the host's clock since boot
 * @param decision the last decision and its reason
 * @param writePath how commits fare here while this node leads
 * @param failovers those that this node won
 */
public record NodeView(
    String scope,
    MemberStatus self,
    InstanceDetail detail,
    boolean holdsLease,
    Duration leaseUntil,
    Optional<NodeId> leader,
    SortedMap<NodeId, MemberStatus> members,
    List<NodeId> configured,
    Optional<ClusterRecord> record,
    Optional<Instant> lastQuorumContact,
    boolean pause,
    Duration nextDecisionBy,
    String decision,
    WritePathStatus writePath,
    FailoverLog failovers) {

  public NodeView withLeaseUntil(Duration until) {
    return new NodeView(
        scope,
        self,
        detail,
        holdsLease,
        until,
        leader,
        members,
        configured,
        record,
        lastQuorumContact,
        pause,
        nextDecisionBy,
        decision,
        writePath,
        failovers);
  }
}
