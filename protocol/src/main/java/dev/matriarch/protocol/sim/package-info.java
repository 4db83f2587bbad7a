/**
 * Whole clusters of the election machine in one thread and in virtual time, each from one seed.
 *
 * <p>What is real: the machine. What is modelled: clocks that run apart, the network, agents that
 * pause and crash, the store on disk, the guardian with its deadline, PostgreSQL as far as it is
 * primary, standby or stopped, and the supervisor that follows the lease.
 */
@NullMarked
package dev.matriarch.protocol.sim;

import org.jspecify.annotations.NullMarked;
