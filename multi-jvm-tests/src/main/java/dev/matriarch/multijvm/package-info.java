/**
 * The distribution as it is installed: agents in processes of their own, with real PostgreSQL, that
 * are killed, frozen, stopped and cut off from each other.
 *
 * <p>{@link dev.matriarch.multijvm.TestCluster} starts and ends the agents; {@link
 * dev.matriarch.multijvm.WriteHistory} and {@link dev.matriarch.multijvm.PrimaryWatch} watch from
 * outside what a client of the cluster would see.
 */
@NullMarked
package dev.matriarch.multijvm;

import org.jspecify.annotations.NullMarked;
