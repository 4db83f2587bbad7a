package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** Writes files that PostgreSQL's user owns, also when the agent is root. */
final class OwnedFile {
  /**
   * How the name of a file begins that is not whole yet. Base backups leave out what is called so
   * ({@code sendDir}, {@code basebackup.c}); they would fail at a file that is still root's.
   */
  static final String UNFINISHED = "pgsql_tmp.";

  private OwnedFile() {}

  /**
   * Replaces a file as a whole and durably, if its text differs. It gets the owner of the data
   * directory, and is readable for the group if that directory is.
   *
   * @return whether it differed
   */
  static boolean replace(Path file, byte[] text, Path dataDir) throws IOException {
    if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), text)) {
      return false;
    }
    var like = Files.getFileAttributeView(dataDir, PosixFileAttributeView.class).readAttributes();
    var permissions = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    if (like.permissions().contains(PosixFilePermission.GROUP_READ)) {
      permissions.add(PosixFilePermission.GROUP_READ);
    }
    write(file, text, like, permissions);
    return true;
  }

  /** As {@link #replace}, readable for nobody but the owner, and written also if equal. */
  static void replacePrivate(Path file, byte[] text, Path dataDir) throws IOException {
    var like = Files.getFileAttributeView(dataDir, PosixFileAttributeView.class).readAttributes();
    write(
        file,
        text,
        like,
        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
  }

  private static void write(
      Path file, byte[] text, PosixFileAttributes like, Set<PosixFilePermission> permissions)
      throws IOException {
    var temporary = file.resolveSibling(UNFINISHED + file.getFileName());
    Files.deleteIfExists(temporary);
    // Must not exist: in a directory of another user a link could lead elsewhere.
    try (var channel =
        FileChannel.open(
            temporary,
            EnumSet.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      var bytes = ByteBuffer.wrap(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    var view =
        Files.getFileAttributeView(
            temporary, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!view.readAttributes().owner().equals(like.owner())) {
      view.setOwner(like.owner());
      view.setGroup(like.group());
    }
    Files.setPosixFilePermissions(temporary, permissions);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    syncDirectoryOf(file);
  }

  static void syncDirectoryOf(Path file) throws IOException {
    try (var directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
