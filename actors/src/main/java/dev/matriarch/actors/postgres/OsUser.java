package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The operating-system user that PostgreSQL runs as. It is never root: PostgreSQL refuses that.
 *
 * @param switchTo the name again when the agent is root and has to become that user; else empty
 * @param home where that user's files are, if the host knows
 */
public record OsUser(String name, Optional<String> switchTo, Optional<Path> home) {
  private static final String FALLBACK = "postgres";
  private static final Duration LOOKUP_TIMEOUT = Duration.ofSeconds(10);

  /**
   * The user for a data directory: its owner, or for one that does not exist yet the owner of the
   * directory it will be made in; user {@code postgres} where that is root.
   *
   * @throws IllegalStateException if the agent may not act as that user, or there is none; the
   *     message says what to do
   */
  public static OsUser of(Path dataDir) {
    var self = System.getProperty("user.name");
    if (PosixCalls.effectiveUser() != 0) {
      if (Files.exists(dataDir) && !owner(dataDir).equals(self)) {
        throw new IllegalStateException(
            "the data directory %s belongs to %s and the agent runs as %s; run the agent as %s"
                .formatted(dataDir, owner(dataDir), self, owner(dataDir)));
      }
      return new OsUser(self, Optional.empty(), passwd(self).map(OsUser::homeOf));
    }
    var owner = owner(nearestExisting(dataDir.toAbsolutePath()));
    var name = owner.equals("root") ? FALLBACK : owner;
    var passwd =
        passwd(name)
            .orElseThrow(() ->
                new IllegalStateException(
                    "the host has no user '%s', and PostgreSQL cannot run as root; make the user, or give the data directory %s to another one"
                        .formatted(name, dataDir)));
    return new OsUser(name, Optional.of(name), Optional.of(homeOf(passwd)));
  }

  private static Path nearestExisting(Path path) {
    var parent = path.getParent();
    return Files.exists(path) || parent == null ? path : nearestExisting(parent);
  }

  private static String owner(Path path) {
    try {
      return Files.getOwner(path).getName();
    } catch (IOException e) {
      throw new IllegalStateException("cannot see who owns " + path + ": " + e.getMessage(), e);
    }
  }

  /** The line of the password database, whichever service of the host answers. */
  private static Optional<String> passwd(String name) {
    var command = PgCommand.of(Optional.empty(), List.of("getent", "passwd", name));
    return switch (command.run(LOOKUP_TIMEOUT)) {
      case PgCommand.Result.Exited(var code, var stdout, _) when code == 0 ->
          Optional.of(stdout.strip()).filter(line -> line.split(":", -1).length >= 6);
      case PgCommand.Result.Exited _, PgCommand.Result.TimedOut _, PgCommand.Result.NotRun _ ->
          Optional.empty();
    };
  }

  private static Path homeOf(String passwd) {
    return Path.of(passwd.split(":", -1)[5]);
  }
}
