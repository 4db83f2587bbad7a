package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Endpoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads host and port out of a {@code primary_conninfo} (PostgreSQL documentation, "Keyword/Value
 * Connection Strings"). One that names several hosts, or is a URI, is nobody's that we know.
 */
final class UpstreamSettingText {
  private static final String DEFAULT_PORT = "5432";

  private final String text;
  private int at;

  private UpstreamSettingText(String text) {
    this.text = text;
  }

  /** The name by which the standby is known to its upstream. */
  static Optional<String> applicationName(String conninfo) {
    try {
      return Optional.ofNullable(
          new UpstreamSettingText(conninfo).values().get("application_name"));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static Optional<Endpoint> endpoint(String conninfo) {
    try {
      var values = new UpstreamSettingText(conninfo).values();
      var port = Integer.parseInt(values.getOrDefault("port", DEFAULT_PORT));
      return Optional.ofNullable(values.get("host"))
          .filter(host -> host.indexOf(',') < 0)
          .map(host -> new Endpoint(host, port));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The last value of a keyword counts. */
  private Map<String, String> values() {
    var values = new HashMap<String, String>();
    skipSpace();
    while (!atEnd()) {
      var keyword = keyword();
      values.put(keyword, peek() == '\'' ? quoted() : bare());
      skipSpace();
    }
    return values;
  }

  private String keyword() {
    var from = at;
    while (peek() != '=' && !Character.isWhitespace(peek()) && !atEnd()) {
      at++;
    }
    var keyword = text.substring(from, at);
    skipSpace();
    if (peek() != '=') {
      throw new IllegalArgumentException("no value for " + keyword);
    }
    at++;
    skipSpace();
    return keyword;
  }

  private String bare() {
    var value = new StringBuilder();
    while (!atEnd() && !Character.isWhitespace(peek())) {
      value.append(next());
    }
    return value.toString();
  }

  private String quoted() {
    var value = new StringBuilder();
    at++;
    while (peek() != '\'') {
      if (atEnd()) {
        throw new IllegalArgumentException("a quote is not closed");
      }
      value.append(next());
    }
    at++;
    return value.toString();
  }

  /** One character of a value; a backslash takes the next one as it is. */
  private char next() {
    if (peek() == '\\') {
      at++;
    }
    var character = peek();
    at++;
    return character;
  }

  private void skipSpace() {
    while (!atEnd() && Character.isWhitespace(peek())) {
      at++;
    }
  }

  private char peek() {
    return atEnd() ? '\0' : text.charAt(at);
  }

  private boolean atEnd() {
    return at >= text.length();
  }
}
