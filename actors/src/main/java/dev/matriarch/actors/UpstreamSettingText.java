package dev.matriarch.actors;

import dev.matriarch.protocol.model.Endpoint;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads host and port out of a {@code primary_conninfo}. */
final class UpstreamSettingText {
  private static final String VALUE = "\\s*=\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|(\\S+))";
  private static final Pattern HOST = Pattern.compile("(?:^|\\s)host" + VALUE);
  private static final Pattern PORT = Pattern.compile("(?:^|\\s)port" + VALUE);

  private UpstreamSettingText() {}

  static Optional<Endpoint> endpoint(String conninfo) {
    try {
      var port = value(PORT, conninfo).map(Integer::parseInt).orElse(5432);
      return value(HOST, conninfo).map(host -> new Endpoint(host, port));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> value(Pattern keyword, String conninfo) {
    var found = keyword.matcher(conninfo);
    if (!found.find()) {
      return Optional.empty();
    }
    var quoted = Optional.ofNullable(found.group(1));
    return quoted.map(it -> it.replaceAll("\\\\(.)", "$1")).or(() -> Optional.ofNullable(found.group(2)));
  }
}
