package dev.matriarch.actors.postgres;

import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.protocol.model.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * A file with a password that exists only while a program of PostgreSQL needs it: mode 0600, owned
 * by the user that the program runs as.
 */
record SecretFile(Path path) implements AutoCloseable {

  static SecretFile of(String text, Optional<String> osUser) throws IOException {
    var path =
        Path.of(System.getProperty("java.io.tmpdir"), "matriarch-secret-" + UUID.randomUUID());
    DurableFiles.createPrivate(path, text);
    var secret = new SecretFile(path);
    try {
      var owner = FileOwner.of(osUser);
      if (owner.isPresent()) {
        owner.get().own(path);
      }
      return secret;
    } catch (IOException e) {
      secret.close();
      throw e;
    }
  }

  /**
   * A password file in libpq's form (documentation, "The Password File"): for one server and any of
   * its databases. Without a password it holds nothing.
   */
  static SecretFile passFile(Endpoint server, Credentials credentials, Optional<String> osUser)
      throws IOException {
    var line =
        credentials
            .password()
            .map(password ->
                new PgPass.Entry(
                        server.host(),
                        Integer.toString(server.port()),
                        "*",
                        credentials.username(),
                        password)
                    .format());
    return of(line.orElse("") + "\n", osUser);
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
  }
}
