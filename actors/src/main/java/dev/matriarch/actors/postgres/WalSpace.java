package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How much room there is where a server writes its WAL.
 *
 * @param freeBytes that PostgreSQL may use: without what the file system keeps for root
 * @param segmentBytes of one file of WAL, which is made whole before it is used
 */
public record WalSpace(long freeBytes, long segmentBytes) {
  private static final long SEGMENT_BYTES_BY_DEFAULT = 16L << 20;
  private static final int ROOMY_SEGMENTS = 16;
  private static final int NAME_LENGTH = 24;

  /** Whether the next segment cannot be made. */
  public boolean isFull() {
    return freeBytes < segmentBytes;
  }

  /** Whether a primary could write here for a good while. */
  public boolean isRoomy() {
    return freeBytes >= ROOMY_SEGMENTS * segmentBytes;
  }

  /** Asks the file system, which may hang; empty: there is no such directory. */
  public static Optional<WalSpace> of(Path dataDir) {
    var wal = dataDir.resolve("pg_wal");
    try {
      return Optional.of(new WalSpace(Files.getFileStore(wal).getUsableSpace(), segmentBytes(wal)));
    } catch (IOException | DirectoryIteratorException e) {
      return Optional.empty();
    }
  }

  private static long segmentBytes(Path wal) throws IOException {
    try (var files = Files.newDirectoryStream(wal, WalSpace::isSegment)) {
      for (var file : files) {
        return Files.size(file);
      }
    }
    return SEGMENT_BYTES_BY_DEFAULT;
  }

  private static boolean isSegment(Path file) {
    var name = String.valueOf(file.getFileName());
    return name.length() == NAME_LENGTH
        && name.chars().allMatch(it -> Character.digit(it, 16) >= 0);
  }
}
