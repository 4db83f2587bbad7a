/**
 * Planted bugs: each breaks one rule of the product in a copy of its sources, and chaos has to
 * notice by what clients were told. They are patches, so the product has no switch that weakens it.
 *
 * <p>{@link dev.matriarch.multijvm.planted.PlantedBug} is a file of {@code planted-bugs}, {@link
 * dev.matriarch.multijvm.planted.Planted} the program.
 */
@NullMarked
package dev.matriarch.multijvm.planted;

import org.jspecify.annotations.NullMarked;
