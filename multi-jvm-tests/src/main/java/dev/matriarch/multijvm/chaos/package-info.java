/**
 * Chaos: clients work on a real cluster while the world does to it what it does, and at the end it
 * is checked what they were told, and that nothing is left behind.
 *
 * <p>{@link dev.matriarch.multijvm.chaos.ChaosRun} is a run; {@link
 * dev.matriarch.multijvm.chaos.RoundRun} strikes, heals and waits until all is whole within {@link
 * dev.matriarch.multijvm.chaos.Bounds}; {@link dev.matriarch.multijvm.chaos.Report} is what it
 * leaves.
 */
@NullMarked
package dev.matriarch.multijvm.chaos;

import org.jspecify.annotations.NullMarked;
