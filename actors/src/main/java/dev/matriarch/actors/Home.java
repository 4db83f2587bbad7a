package dev.matriarch.actors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The agent's own directory, {@code cluster.data_dir}. */
final class Home {
  private Home() {}

  /**
   * What the guardian and the marks need; the agent's alone, since a root guardian writes there.
   */
  static Path control(Path dataDir) {
    return dataDir.resolve("control");
  }

  /**
   * Makes the directory. PostgreSQL's user must get through it to the password file; what is in it
   * has permissions of its own.
   *
   * @throws UncheckedIOException if it cannot be made
   */
  static void prepare(Path dataDir) {
    try {
      make(dataDir, "rwxr-xr-x");
      make(control(dataDir), "rwx------");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot make cluster.data_dir %s: %s".formatted(dataDir, e.getMessage()), e);
    }
  }

  private static void make(Path directory, String permissions) throws IOException {
    if (Files.notExists(directory)) {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
    }
  }
}
