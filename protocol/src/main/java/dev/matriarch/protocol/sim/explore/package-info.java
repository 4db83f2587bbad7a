/**
 * All interleavings of small clusters in synchronous mode, breadth first.
 *
 * <p>What is real: the election machine. What is modelled: the network, as a set of messages that
 * may come at any time or never; PostgreSQL, as a list of WAL entries with streaming, confirmations
 * and the synchronous settings that its processes may go by; the shell that fences, follows and
 * promotes; data and stores that are lost. There are no clocks: every input may come while all
 * deadlines run, or after all of them have passed.
 */
@NullMarked
package dev.matriarch.protocol.sim.explore;

import org.jspecify.annotations.NullMarked;
