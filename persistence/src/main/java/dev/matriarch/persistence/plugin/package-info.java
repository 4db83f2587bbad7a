/** The voter's file as a store of Pekko's durable state. */
@NullMarked
package dev.matriarch.persistence.plugin;

import org.jspecify.annotations.NullMarked;
