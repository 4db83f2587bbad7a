package dev.matriarch.persistence.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that is replaced as a whole: after a crash at any moment it has the old or the new
 * content, and once {@link #replace} has returned, the new one.
 *
 * <p>The new content is durable under another name before it gets the name, and the name is durable
 * before {@code replace} returns. One writer at a time.
 */
public final class AtomicFile {
  private final Disk disk;
  private final Path path;
  private final Path temporary;

  public AtomicFile(Disk disk, Path path) {
    this.disk = disk;
    this.path = path;
    temporary = path.resolveSibling(path.getFileName() + ".tmp");
  }

  /** The content; empty if it was never written. */
  public Optional<byte[]> read() throws IOException {
    return disk.read(path);
  }

  /** Removes what a crash left half written; nothing was promised about it. */
  public void removeLeftOver() throws IOException {
    disk.deleteIfExists(temporary);
  }

  /**
   * Durable on return.
   *
   * @throws IOException if any step failed; the file then has the old or the new content, and which
   *     of them is durable is unknown. Not to be tried again: an fsync after a failed one may
   *     succeed without having written anything.
   */
  public void replace(byte[] content) throws IOException {
    try (var output = disk.create(temporary)) {
      output.write(content);
      output.fsync();
    }
    disk.rename(temporary, path);
    disk.fsyncDirectory(FileDisk.parentOf(path));
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
