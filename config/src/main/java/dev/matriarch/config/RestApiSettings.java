package dev.matriarch.config;

import dev.matriarch.protocol.model.Endpoint;
import java.util.Map;

/**
 * The REST API.
 *
 * @param httpExtraHeaders added to every answer that has headers
 * @param serverTokens what the {@code Server} header tells
 */
public record RestApiSettings(
    Endpoint listen,
    Endpoint connectAddress,
    Map<String, String> httpExtraHeaders,
    ServerTokens serverTokens) {

  public enum ServerTokens {
    ORIGINAL,
    MINIMAL,
    PRODUCT_ONLY
  }
}
