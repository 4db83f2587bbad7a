package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A file system of its own, which can be frozen, so that every write waits, or filled. */
public final class FrozenDisk implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  public final Path root;
  private final Path image;
  private final Path mount;
  private boolean frozen;

  private FrozenDisk(Path image, Path mount) throws IOException {
    this.image = image;
    this.mount = mount;
    root = Files.createDirectory(mount.resolve("root"));
  }

  /** Skips the test where file systems may not be mounted. */
  public static FrozenDisk make() throws IOException {
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

  public void freeze() {
    TestInstance.run(Optional.empty(), "fsfreeze", "--freeze", mount.toString());
    frozen = true;
  }

  public void thaw() {
    if (frozen) {
      frozen = false;
      TestInstance.run(Optional.empty(), "fsfreeze", "--unfreeze", mount.toString());
    }
  }

  /** Takes all room there is. */
  public void fill() {
    var fill = command("dd", "if=/dev/zero", "of=" + mount.resolve("fill"), "bs=1M");
    assertThat(fill).as("ends for lack of space").isInstanceOf(Outcome.Failed.class);
  }

  public void makeRoom() throws IOException {
    Files.delete(mount.resolve("fill"));
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
