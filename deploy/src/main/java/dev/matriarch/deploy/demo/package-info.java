/**
 * The cluster on one machine that shows what the agent does, and the check that kills its primary
 * and counts what was lost.
 */
@NullMarked
package dev.matriarch.deploy.demo;

import org.jspecify.annotations.NullMarked;
