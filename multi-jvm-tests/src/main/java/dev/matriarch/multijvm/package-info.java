/**
 * The distribution as it is installed: agents in processes of their own, with real PostgreSQL, that
 * are killed, frozen, stopped and cut off from each other.
 *
 * <p>{@link dev.matriarch.multijvm.TestCluster} starts and ends the agents, {@link
 * dev.matriarch.multijvm.Network} gives each a host of its own. {@link
 * dev.matriarch.multijvm.RowWriter} writes as a client does, into a {@link
 * dev.matriarch.multijvm.WriteLog}; {@link dev.matriarch.multijvm.WriteHistory} and {@link
 * dev.matriarch.multijvm.PrimaryWatch} judge what was seen from outside.
 */
@NullMarked
package dev.matriarch.multijvm;

import org.jspecify.annotations.NullMarked;
