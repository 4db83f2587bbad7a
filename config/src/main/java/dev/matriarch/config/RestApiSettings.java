package dev.matriarch.config;

import dev.matriarch.protocol.model.Endpoint;
import java.util.Map;
import java.util.Optional;

/**
 * The REST API.
 *
 * @param authentication what a call that changes something has to show; absent: nothing
 * @param httpExtraHeaders added to every answer that has headers
 * @param serverTokens what the {@code Server} header tells
 */
public record RestApiSettings(
    Endpoint listen,
    Endpoint connectAddress,
    Optional<Login> authentication,
    Map<String, String> httpExtraHeaders,
    ServerTokens serverTokens) {

  /** A user of HTTP's basic authentication. The password never appears in logs. */
  public record Login(String username, String password) {
    @Override
    public String toString() {
      return "Login[username=%s, password=***]".formatted(username);
    }
  }

  public enum ServerTokens {
    ORIGINAL,
    MINIMAL,
    PRODUCT_ONLY
  }
}
