@NullMarked
package dev.matriarch.deploy.demo;

import org.jspecify.annotations.NullMarked;
