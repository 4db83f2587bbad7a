/**
 * The REST API in Patroni's form, and its client.
 *
 * <p>{@link dev.matriarch.http.PatroniApi} maps a call to an answer from one immutable picture of
 * the node, so that no answer ever waits; {@link dev.matriarch.http.RestServer} carries it.
 */
@NullMarked
package dev.matriarch.http;

import org.jspecify.annotations.NullMarked;
