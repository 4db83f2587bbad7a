@NullMarked
package dev.matriarch.deploy;

import org.jspecify.annotations.NullMarked;
