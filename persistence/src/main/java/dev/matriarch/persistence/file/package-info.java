/**
 * One small file that is replaced as a whole, and is trusted only if it is complete, undamaged and
 * this node's own.
 */
@NullMarked
package dev.matriarch.persistence.file;

import org.jspecify.annotations.NullMarked;
