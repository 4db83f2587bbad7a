/** The operations, tried on a real PostgreSQL. */
@NullMarked
package dev.matriarch.actors.postgres;

import org.jspecify.annotations.NullMarked;
