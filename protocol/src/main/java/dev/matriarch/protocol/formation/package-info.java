/** How agents find together into one Pekko cluster, and how islands dissolve. */
@NullMarked
package dev.matriarch.protocol.formation;

import org.jspecify.annotations.NullMarked;
