package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A file system of its own, on which every write waits once it is frozen. */
final class FrozenDisk implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  final Path root;
  private final Path image;
  private final Path mount;
  private boolean frozen;

  private FrozenDisk(Path image, Path mount) throws IOException {
    this.image = image;
    this.mount = mount;
    root = Files.createDirectory(mount.resolve("root"));
  }

  /** Skips the test where file systems may not be mounted. */
  static FrozenDisk make() throws IOException {
    Assumptions.assumeTrue(PosixCalls.effectiveUser() == 0, "mounting needs root");
    var image = Files.createTempFile("matriarch-disk", ".img");
    var mount = Files.createTempDirectory("matriarch-disk");
    TestInstance.run(Optional.empty(), "truncate", "-s", "160M", image.toString());
    TestInstance.run(Optional.empty(), "mkfs.ext4", "-q", "-F", image.toString());
    var mounted = command("mount", "-o", "loop", image.toString(), mount.toString());
    if (mounted instanceof Outcome.Failed(var reason)) {
      Files.delete(image);
      Files.delete(mount);
      Assumptions.abort("cannot mount: " + reason);
    }
    TestInstance.run(Optional.empty(), "chmod", "755", mount.toString());
    return new FrozenDisk(image, mount);
  }

  void freeze() {
    TestInstance.run(Optional.empty(), "fsfreeze", "--freeze", mount.toString());
    frozen = true;
  }

  void thaw() {
    if (frozen) {
      frozen = false;
      TestInstance.run(Optional.empty(), "fsfreeze", "--unfreeze", mount.toString());
    }
  }

  private static Outcome command(String... argv) {
    return PgCommand.of(Optional.empty(), List.of(argv)).runToSuccess(TIMEOUT);
  }

  @Override
  public void close() throws IOException {
    thaw();
    TestInstance.run(Optional.empty(), "umount", "--lazy", mount.toString());
    Files.delete(mount);
    Files.delete(image);
  }
}
