/**
 * Clients of a cluster, each with one operation under way at a time, that tell a {@link
 * dev.matriarch.multijvm.chaos.history.History} of each. {@link
 * dev.matriarch.multijvm.chaos.workload.Workloads} starts and ends them.
 */
@NullMarked
package dev.matriarch.multijvm.chaos.workload;

import org.jspecify.annotations.NullMarked;
