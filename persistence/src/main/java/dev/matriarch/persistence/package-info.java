@NullMarked
package dev.matriarch.persistence;

import org.jspecify.annotations.NullMarked;
