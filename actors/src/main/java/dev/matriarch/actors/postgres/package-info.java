/**
 * Operations on the local PostgreSQL, one file each. They block; callers run them on virtual
 * threads.
 */
@NullMarked
package dev.matriarch.actors.postgres;

import org.jspecify.annotations.NullMarked;
