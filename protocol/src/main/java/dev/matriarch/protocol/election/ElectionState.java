package dev.matriarch.protocol.election;

import java.time.Duration;

/**
 * One node's part in the election. Only {@code voter} survives a crash.
 *
 * @param silentUntil a voter that has restarted may have granted a lease it does not remember
 * @param highestTerm the highest term seen in any message
 * @param rounds how many canvasses this node has begun
 */
public record ElectionState(
    VoterState voter,
    Grant grant,
    Duration silentUntil,
    Local local,
    Hearing hearing,
    long highestTerm,
    long rounds,
    Standing standing) {}
