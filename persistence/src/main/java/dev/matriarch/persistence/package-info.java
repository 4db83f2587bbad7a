/**
 * What survives a restart: the voter's state, behind {@link dev.matriarch.persistence.VoterStore}.
 *
 * <p>{@code file} replaces one small file so that a crash at any moment leaves the old or the new
 * content; {@code plugin} offers that file to Pekko as a store of durable state.
 */
@NullMarked
package dev.matriarch.persistence;

import org.jspecify.annotations.NullMarked;
