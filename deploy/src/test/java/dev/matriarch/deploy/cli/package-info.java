@NullMarked
package dev.matriarch.deploy.cli;

import org.jspecify.annotations.NullMarked;
