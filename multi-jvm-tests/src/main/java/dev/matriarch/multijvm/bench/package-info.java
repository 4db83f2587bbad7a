/**
 * The benchmark: a cluster at a switch, one fault at a time, and what clients see of it.
 *
 * <p>{@link dev.matriarch.multijvm.bench.Round} makes one run; {@link
 * dev.matriarch.multijvm.bench.Acknowledgements} computes figures from what was acknowledged, and
 * {@link dev.matriarch.multijvm.bench.Goals} says what they should be.
 */
@NullMarked
package dev.matriarch.multijvm.bench;

import org.jspecify.annotations.NullMarked;
