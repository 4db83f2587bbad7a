package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.assertDone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A data directory with the agents' roles, made once in a test run and stopped in order. Copies of
 * it are instances of one database cluster: any of them can be a standby of any other.
 */
final class PgTemplate {
  private static @Nullable PgTemplate made;

  private final Path dataDir;

  private PgTemplate(Path dataDir) {
    this.dataDir = dataDir;
  }

  static synchronized PgTemplate get() throws Exception {
    var there = made;
    if (there == null) {
      var fixture = new PgFixture();
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .unstarted(() -> {
                    try {
                      fixture.close();
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }));
      var node = fixture.newPrimary("template");
      node.stop();
      PgFixture.OPEN.remove(fixture);
      there = new PgTemplate(node.dataDir());
      made = there;
    }
    return there;
  }

  void copyTo(Path target) {
    assertDone(
        PgCommand.of(
                PgFixture.OS_USER,
                List.of("cp", "--archive", "--reflink=auto", dataDir.toString(), target.toString()))
            .runToSuccess(PgFixture.PATIENCE));
  }

  /** With the configuration of {@code like}, as a copy over the network has it. */
  void copyTo(Path target, Path like) throws IOException {
    copyTo(target);
    try (var files = Files.newDirectoryStream(like, "*.conf")) {
      for (var file : files) {
        var copy = target.resolve(file.getFileName());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        PgFixture.own(copy);
      }
    }
  }
}
