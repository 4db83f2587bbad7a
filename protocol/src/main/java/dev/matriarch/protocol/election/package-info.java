@NullMarked
package dev.matriarch.protocol.election;

import org.jspecify.annotations.NullMarked;
