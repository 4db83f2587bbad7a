/**
 * What the world does to a cluster: each kind of fault, how it is done and undone, and the schedule
 * that is drawn from a seed.
 *
 * <p>{@link dev.matriarch.multijvm.chaos.fault.Schedule} knows neither cluster nor time, so that
 * the same seed gives the same strikes everywhere. {@link
 * dev.matriarch.multijvm.chaos.fault.Injector} finds out at the moment whom a strike meets.
 */
@NullMarked
package dev.matriarch.multijvm.chaos.fault;

import org.jspecify.annotations.NullMarked;
