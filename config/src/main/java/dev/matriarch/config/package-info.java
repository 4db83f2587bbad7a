@NullMarked
package dev.matriarch.config;

import org.jspecify.annotations.NullMarked;
