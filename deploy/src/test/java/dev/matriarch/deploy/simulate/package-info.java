@NullMarked
package dev.matriarch.deploy.simulate;

import org.jspecify.annotations.NullMarked;
