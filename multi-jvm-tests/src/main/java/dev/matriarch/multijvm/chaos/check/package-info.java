/**
 * Judges a history: pure functions of what clients were told and of what is stored at the end.
 * {@link dev.matriarch.multijvm.chaos.check.Checks} runs all of them.
 */
@NullMarked
package dev.matriarch.multijvm.chaos.check;

import org.jspecify.annotations.NullMarked;
