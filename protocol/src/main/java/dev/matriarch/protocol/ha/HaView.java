package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What one agent knows at one moment.
 *
 * @param fence what the guardian enforces by itself
 * @param orders what the election needs done to PostgreSQL
 * @param sealed what keeps WAL from coming in here
 * @param numbered the election knows the number of the data directory, and wants no other in it
 * @param busy the operation that is running
 * @param resting operations that shall not begin yet: they have failed a moment ago, or have to
 *     wait for what others do
 * @param leaderReady whether the leader said that it is primary on the record's timeline and has
 *     checkpointed: others may rewind and clone from it
 * @param leaderAddressed whether it is known where the leader's PostgreSQL listens
 * @param rejoin the judgement of the local WAL against the present leader's, if there is one
 * @param crashes how often in a row the primary has crashed shortly after its start, or the
 *     promotion has failed
 * @param tooSmall the standby's replay has stopped until it is started with larger limits
 * @param unfounded a majority of the configured members, this one included, is heard, and none
 *     knows which database cluster this is
 * @param obstacle why this node must not become leader, whatever its data: the watchdog
 * @param ending for how long PostgreSQL has been shutting down without being told by this agent; it
 *     lets nobody in any more
 * @param stopping the agent is to end, and PostgreSQL with it
 * @param successor the member that would lead best, if there is one
 * @param handover to whom the leadership is to go now, on an operator's word
 * @param writePath what is to be done about a primary that does not commit
 * @param patience how long a silent primary, or a standby that does not stream, is left alone
 */
public record HaView(
    NodeId self,
    Instance instance,
    LeaseView lease,
    Fence fence,
    Orders orders,
    Seal sealed,
    boolean numbered,
    Optional<Operation> busy,
    Set<Operation> resting,
    boolean leaderReady,
    boolean leaderAddressed,
    Optional<Rejoin> rejoin,
    int crashes,
    boolean tooSmall,
    boolean unfounded,
    Optional<String> obstacle,
    Optional<Duration> ending,
    boolean stopping,
    Optional<NodeId> successor,
    Optional<NodeId> handover,
    WritePathRules.Verdict writePath,
    Patience patience) {

  public HaView {
    resting = Steady.set(resting);
  }

  /**
   * Whether a standby behind the leader of {@code record} has WAL that this leader has not. Its WAL
   * receiver is seen for moments each time it tries in vain: that is no streaming.
   */
  boolean isKnownToDiverge(Instance.Standby standby, ClusterRecord record) {
    return rejoin.filter(it -> it != Rejoin.FOLLOW).isPresent()
        && standby.source().filter(it -> it.timeline() == record.timeline()).isEmpty();
  }

  /** Whether WAL can come in from anywhere, as far as the agent's own doings go. */
  public enum Seal {
    /** It may: PostgreSQL was told to follow somebody, or it is not known what it was told. */
    OPEN,

    /** It cannot: PostgreSQL was started, or is being rebuilt, without anybody to follow. */
    CLOSED,

    /** Nor can it, and how much there is, is known exactly. */
    MEASURED
  }

  /**
   * How long what is left alone.
   *
   * @param ending a standby that somebody else told to shut down; empty: for ever
   */
  public record Patience(
      Duration silentPrimary, Duration brokenStream, Optional<Duration> ending) {}

  /** What the guardian process does if the agent does nothing. */
  public sealed interface Fence {
    /** There is no guardian: PostgreSQL was started by somebody else, or does not run. */
    record None() implements Fence {}

    /** It lets PostgreSQL run. */
    record Open() implements Fence {}

    /** It stops PostgreSQL in {@code left}; zero or less: it is doing so. */
    record Deadline(Duration left) implements Fence {}
  }
}
