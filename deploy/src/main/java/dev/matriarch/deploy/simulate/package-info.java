/** {@code simulate}: the simulator of the election as a command. */
@NullMarked
package dev.matriarch.deploy.simulate;

import org.jspecify.annotations.NullMarked;
