package dev.matriarch.persistence.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The few things done to a file system, each one step, so that what a crash leaves between any two
 * steps can be replayed.
 *
 * <p>Nothing but {@link Output#fsync} makes content durable, and nothing but {@link
 * #fsyncDirectory} makes names durable.
 */
public interface Disk {
  /** Makes the directory and the missing ones above it, for this user only; durable on return. */
  void createDirectories(Path directory) throws IOException;

  /**
   * Takes the directory of {@code file} for this process until closed, or the process ends.
   *
   * @throws FileInUseException if it is taken
   */
  Closeable lock(Path file) throws IOException;

  /** The whole content; empty if there is no such file. */
  Optional<byte[]> read(Path file) throws IOException;

  /** A new file, readable for this user only; fails if it exists. */
  Output create(Path file) throws IOException;

  /** Gives the file another name at once, in place of any file of that name. */
  void rename(Path from, Path to) throws IOException;

  void deleteIfExists(Path file) throws IOException;

  void fsyncDirectory(Path directory) throws IOException;

  /** A file while it is written. */
  interface Output extends Closeable {
    void write(byte[] content) throws IOException;

    void fsync() throws IOException;
  }
}
