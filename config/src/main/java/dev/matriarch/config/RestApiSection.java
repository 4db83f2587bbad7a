package dev.matriarch.config;

import dev.matriarch.config.RestApiSettings.Login;
import dev.matriarch.config.RestApiSettings.ServerTokens;
import dev.matriarch.protocol.model.Endpoint;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads {@code restapi}. */
final class RestApiSection {
  static final int PORT = 8008;

  final Optional<Endpoint> listen;
  final Optional<Endpoint> connectAddress;

  private final Optional<Login> authentication;
  private final Map<String, String> httpExtraHeaders;
  private final ServerTokens serverTokens;

  RestApiSection(Section root, Findings findings) {
    var section = root.sectionOrEmpty("restapi");
    if (section.value("listen").isEmpty()) {
      section.missing("listen", "Write where the REST API listens, '10.0.0.1:8008' or '*:8008'.");
    }
    listen = section.listen("listen", PORT);
    connectAddress = connectAddress(section, listen);
    authentication = section.section("authentication").flatMap(RestApiSection::login);
    httpExtraHeaders = section.texts("http_extra_headers");
    serverTokens =
        section
            .text("server_tokens")
            .map(text ->
                switch (text.toLowerCase(Locale.ROOT)) {
                  case "original" -> ServerTokens.ORIGINAL;
                  case "minimal" -> ServerTokens.MINIMAL;
                  case "productonly" -> ServerTokens.PRODUCT_ONLY;
                  default -> {
                    findings.warn(
                        ("restapi.server_tokens is '%s' and counts as Original: write Original,"
                                + " Minimal or ProductOnly")
                            .formatted(text));
                    yield ServerTokens.ORIGINAL;
                  }
                })
            .orElse(ServerTokens.ORIGINAL);
    section.finish(NoEffect.RESTAPI);
  }

  /** Only after a reading without problems. */
  RestApiSettings settings() {
    return new RestApiSettings(
        listen.orElseThrow(),
        connectAddress.orElseThrow(),
        authentication,
        httpExtraHeaders,
        serverTokens);
  }

  private static Optional<Login> login(Section section) {
    var form = "Write the name and the password that callers of the REST API have to show.";
    var username = section.required("username", form);
    var password = section.required("password", form);
    section.finish(Map.of());
    return username.flatMap(name -> password.map(word -> new Login(name, word)));
  }

  private static Optional<Endpoint> connectAddress(Section section, Optional<Endpoint> listen) {
    if (section.value("connect_address").isPresent()) {
      return section.reachable("connect_address", PORT);
    }
    var same = listen.filter(at -> !ListenAddress.isWildcard(at.host()));
    if (same.isEmpty()) {
      section.missing(
          "connect_address",
          "Write the host and port that the other members connect to, '10.0.0.1:8008'.");
    }
    return same;
  }
}
