/**
 * What clients asked, what they were told, and what is stored at the end. {@link
 * dev.matriarch.multijvm.chaos.history.History} collects operations, and both it and {@link
 * dev.matriarch.multijvm.chaos.history.FinalState} can be kept as lines of JSON, to be judged again
 * later.
 */
@NullMarked
package dev.matriarch.multijvm.chaos.history;

import org.jspecify.annotations.NullMarked;
