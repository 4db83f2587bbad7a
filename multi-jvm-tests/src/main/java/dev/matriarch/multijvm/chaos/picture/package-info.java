/** The picture of a run: roles, faults and acknowledgements over time. */
@NullMarked
package dev.matriarch.multijvm.chaos.picture;

import org.jspecify.annotations.NullMarked;
