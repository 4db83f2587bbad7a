@NullMarked
package dev.matriarch.protocol.model;

import org.jspecify.annotations.NullMarked;
