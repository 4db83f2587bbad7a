package dev.matriarch.persistence.file;

import dev.matriarch.protocol.election.VoterState;

/**
 * A voter's state as it is on disk.
 *
 * @param revision 1 for the first state of a store, one more with each write
 */
public record Stored(long revision, VoterState state) {}
