package dev.matriarch.http;

import dev.matriarch.config.RestApiSettings.Login;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * Who may change something: anybody, unless a login is configured.
 *
 * @param login what has to be shown by HTTP's basic authentication
 */
record Gate(Optional<Login> login) {
  static final int UNAUTHORIZED = 401;
  static final String CHALLENGE = "Basic realm=\"Patroni\"";

  private static final String SCHEME = "basic ";

  /**
   * What a call is told that may not pass.
   *
   * @param header the value of {@code Authorization}
   */
  Optional<Answer> denied(Optional<String> header) {
    if (login.isEmpty()) {
      return Optional.empty();
    }
    if (header.isEmpty()) {
      return Optional.of(Answer.text(UNAUTHORIZED, "no auth header received"));
    }
    return isRight(header.get(), login.get())
        ? Optional.empty()
        : Optional.of(Answer.text(UNAUTHORIZED, "not authenticated"));
  }

  /** In a time that does not depend on how much of it is right. */
  private static boolean isRight(String header, Login login) {
    if (!header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return false;
    }
    try {
      var shown = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
      var right = "%s:%s".formatted(login.username(), login.password());
      return MessageDigest.isEqual(shown, right.getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException noBase64) {
      return false;
    }
  }
}
