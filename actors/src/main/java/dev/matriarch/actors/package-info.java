@NullMarked
package dev.matriarch.actors;

import org.jspecify.annotations.NullMarked;
