/**
 * Which members hold a commit before it is acknowledged, and how that set is changed while commits
 * go on: pure decisions over an immutable view. What they keep true is said at {@link
 * dev.matriarch.protocol.election.Guarantee}.
 */
@NullMarked
package dev.matriarch.protocol.sync;

import org.jspecify.annotations.NullMarked;
