package dev.matriarch.multijvm.bench;

import java.time.Duration;

/**
 * What all runs of one call have in common.
 *
 * @param freeze how long an agent stays frozen
 * @param soak how long pgbench works
 * @param scale of pgbench's tables
 * @param writers that go to where rows are taken
 */
record Bench(Mode mode, int nodes, Duration freeze, Duration soak, int scale, int writers) {}
