@NullMarked
package dev.matriarch.http;

import org.jspecify.annotations.NullMarked;
