@NullMarked
package dev.matriarch.protocol.ha;

import org.jspecify.annotations.NullMarked;
