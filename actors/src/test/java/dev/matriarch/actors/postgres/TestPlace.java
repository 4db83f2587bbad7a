package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the servers of tests have their files. */
public final class TestPlace {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final long ROOM_BYTES = 2L << 30;

  private TestPlace() {}

  /**
   * A new directory; in memory if there is room: making files on a disk would be most of a test's
   * time.
   */
  public static Path directory(String prefix) throws IOException {
    return Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() >= ROOM_BYTES
        ? Files.createTempDirectory(MEMORY, prefix)
        : Files.createTempDirectory(prefix);
  }
}
