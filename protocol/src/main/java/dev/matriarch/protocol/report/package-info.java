/** What operators are told: how a fail-over went, and why each member is what it is. */
@NullMarked
package dev.matriarch.protocol.report;

import org.jspecify.annotations.NullMarked;
