package dev.matriarch.protocol.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Where a service listens.
 *
 * @param host a name or an address; IPv6 without brackets
 * @param port 1 to 65535
 */
public record Endpoint(String host, int port) {
  /**
   * @throws IllegalArgumentException if the host is blank or the port out of range
   */
  public Endpoint {
    if (host.isBlank() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not host:port: '%s:%d'".formatted(host, port));
    }
  }

  /**
   * Reads {@code host:port}, {@code [v6]:port}.
   *
   * @throws IllegalArgumentException if there is no port, or it is not a number from 1 to 65535
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Endpoint parse(String text) {
    var colon = text.lastIndexOf(':');
    try {
      var host = text.substring(0, Math.max(colon, 0));
      var bare =
          host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
      return new Endpoint(bare, Integer.parseInt(text.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not host:port: '%s'".formatted(text), e);
    }
  }

  /** {@code host:port}, an IPv6 address in brackets. */
  @JsonValue
  public String format() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return format();
  }
}
