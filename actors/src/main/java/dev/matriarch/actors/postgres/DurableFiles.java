package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Changes to files that have reached the disk when the call returns. */
final class DurableFiles {
  private DurableFiles() {}

  /** Puts a file with this text in place of an old one, as a whole; mode 0600. */
  static void replace(Path file, String text) throws IOException {
    var temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    createPrivate(temporary, text);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(parentOf(file));
  }

  /** Makes a new file, mode 0600; fails if there is one. The caller syncs the directory. */
  static void createPrivate(Path file, String text) throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    uninterrupted(() -> {
      try (var channel = FileChannel.open(file, options, mode)) {
        var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
    });
  }

  /**
   * Makes a new file that has its owner from the moment it can be seen; mode 0600. Fails if there
   * is one. The caller syncs the directory.
   */
  static void createFor(FileOwner owner, Path file, String text) throws IOException {
    var temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    createPrivate(temporary, text);
    owner.own(temporary);
    // A move would replace a file that has come from elsewhere meanwhile.
    Files.createLink(file, temporary);
    Files.delete(temporary);
  }

  /** Removes a file if it is there. */
  static void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      syncDirectory(parentOf(file));
    }
  }

  static void syncDirectory(Path directory) throws IOException {
    uninterrupted(() -> {
      try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    });
  }

  private interface Writing {
    void run() throws IOException;
  }

  /** A channel fails in an interrupted thread, but a cancelled operation has to clean up. */
  private static void uninterrupted(Writing writing) throws IOException {
    var interrupted = Thread.interrupted();
    try {
      writing.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  static Path parentOf(Path file) {
    var parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("has no directory: " + file);
    }
    return parent;
  }

  /** True if there is nothing at this place, or a directory without entries. */
  static boolean isEmptyOrAbsent(Path directory) throws IOException {
    if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    try (var entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    }
  }

  /**
   * Removes what is below a directory and leaves the directory; symbolic links are not followed.
   */
  static void deleteContent(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    var root = directory.toRealPath();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException e)
              throws IOException {
            if (!visited.equals(root)) {
              deleteEmpty(visited);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    syncDirectory(root);
  }

  private static void deleteEmpty(Path directory) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException e) {
      throw new IOException("somebody still writes into " + directory, e);
    }
  }
}
