/**
 * How one node, and only one, becomes the primary: ballots, the cluster record as a replicated
 * register, and the lease. All of it is a function from state and input to state and effects.
 */
@NullMarked
package dev.matriarch.protocol.election;

import org.jspecify.annotations.NullMarked;
