package dev.matriarch.persistence.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The real disk, but one step of one write fails; everything before and after works. */
public class FailingDisk implements Disk {
  private final Disk disk = new FileDisk();
  private final At at;
  private int writesUntilFailure;

  /** The step that fails. */
  public enum At {
    CREATE,
    WRITE,
    FSYNC,
    RENAME,
    FSYNC_DIRECTORY
  }

  /**
   * @param failingWrite from 1; the first is that of the opening
   */
  public FailingDisk(At at, int failingWrite) {
    this.at = at;
    writesUntilFailure = failingWrite;
  }

  private void fail(At step) throws IOException {
    if (step == at && --writesUntilFailure == 0) {
      throw new IOException("Input/output error");
    }
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    disk.createDirectories(directory);
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    return disk.lock(file);
  }

  @Override
  public Optional<byte[]> read(Path file) throws IOException {
    return disk.read(file);
  }

  @Override
  public Output create(Path file) throws IOException {
    fail(At.CREATE);
    var output = disk.create(file);
    return new Output() {
      @Override
      public void write(byte[] content) throws IOException {
        fail(At.WRITE);
        output.write(content);
      }

      @Override
      public void fsync() throws IOException {
        fail(At.FSYNC);
        output.fsync();
      }

      @Override
      public void close() throws IOException {
        output.close();
      }
    };
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    fail(At.RENAME);
    disk.rename(from, to);
  }

  @Override
  public void deleteIfExists(Path file) throws IOException {
    disk.deleteIfExists(file);
  }

  @Override
  public void fsyncDirectory(Path directory) throws IOException {
    fail(At.FSYNC_DIRECTORY);
    disk.fsyncDirectory(directory);
  }
}
