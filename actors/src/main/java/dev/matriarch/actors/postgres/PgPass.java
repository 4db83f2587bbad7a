package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The password file of libpq (PostgreSQL documentation, "The Password File"), readable only for
 * PostgreSQL's user.
 */
public record PgPass(Path file) {

  /** One line; {@code "*"} matches everything except in the password. */
  public record Entry(String host, String port, String database, String user, String password) {
    /**
     * @throws IllegalArgumentException if a field has a line break, for which there is no notation
     */
    public Entry {
      if (List.of(host, port, database, user, password).stream()
          .anyMatch(field -> field.contains("\n") || field.contains("\r"))) {
        throw new IllegalArgumentException(
            "a password file cannot hold a line break, in the entry for user " + user);
      }
    }

    String format() {
      return List.of(host, port, database, user, password).stream()
          .map(field -> field.replace("\\", "\\\\").replace(":", "\\:"))
          .collect(Collectors.joining(":"));
    }

    /** Without the password. */
    @Override
    public String toString() {
      return "Entry[" + host + ":" + port + ":" + database + ":" + user + "]";
    }
  }

  /**
   * Replaces the file.
   *
   * @param dataDir whose owner becomes the owner
   */
  public Outcome write(List<Entry> entries, Path dataDir) {
    var text = entries.stream().map(entry -> entry.format() + "\n").collect(Collectors.joining());
    try {
      OwnedFile.replacePrivate(file, text.getBytes(StandardCharsets.UTF_8), dataDir);
      return new Outcome.Done("wrote " + file);
    } catch (IOException e) {
      return new Outcome.Failed("cannot write the password file %s: %s".formatted(file, e));
    }
  }
}
