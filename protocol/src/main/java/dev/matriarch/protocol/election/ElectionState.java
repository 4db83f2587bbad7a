package dev.matriarch.protocol.election;

import java.time.Duration;
import java.util.Optional;

/**
 * One node's part in the election. Only {@code voter} survives a crash.
 *
 * @param silentUntil a voter that has restarted may have granted a lease it does not remember
 * @param fencing a ballot that is promised as soon as PostgreSQL is fenced for it
 * @param unfencedTerm up to this one nothing is promised any more: an order to fence was taken
 *     back, and what is still said to have been done for it is no fence
 * @param highestTerm the highest term seen in any message
 * @param rounds how many canvasses this node has begun
 */
public record ElectionState(
    VoterState voter,
    Grant grant,
    Duration silentUntil,
    Local local,
    Hearing hearing,
    Optional<Fencing> fencing,
    long unfencedTerm,
    long highestTerm,
    long rounds,
    Standing standing) {

  /** What is to be promised. */
  public record Fencing(Ballot ballot) {}
}
