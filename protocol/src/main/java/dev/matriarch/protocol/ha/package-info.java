/** What an agent does about its PostgreSQL: pure decisions over an immutable view. */
@NullMarked
package dev.matriarch.protocol.ha;

import org.jspecify.annotations.NullMarked;
