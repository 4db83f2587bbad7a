package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * An empty directory about to be filled, which is as it was before if that does not work.
 *
 * @param existed it was there before, empty
 */
record NewDataDir(Path path, boolean existed) {

  /** What it takes to begin: the directory, or why not. */
  sealed interface Preparation {
    record Ready(NewDataDir directory) implements Preparation {}

    record Refused(String reason) implements Preparation {}
  }

  /** Makes the directory if it is absent, mode 0700, owned by {@code osUser}. */
  static Preparation prepare(Path path, Optional<String> osUser) throws IOException {
    if (!DurableFiles.isEmptyOrAbsent(path)) {
      return new Preparation.Refused(
          "%s is not empty: move it aside first, nothing was changed".formatted(path));
    }
    var existed = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    if (!existed) {
      var parent = DurableFiles.parentOf(path);
      if (!Files.isDirectory(parent)) {
        return new Preparation.Refused(
            "%s does not exist: create it, or correct postgresql.data_dir".formatted(parent));
      }
      var mode = PosixFilePermissions.fromString("rwx------");
      var owner = FileOwner.of(osUser);
      Files.createDirectory(path, PosixFilePermissions.asFileAttribute(mode));
      if (owner.isPresent()) {
        owner.get().own(path);
      }
    }
    return new Preparation.Ready(new NewDataDir(path, existed));
  }

  /** Removes what was put there since. */
  void undo() throws IOException {
    DurableFiles.deleteContent(path);
    if (!existed) {
      DurableFiles.delete(path);
    }
  }
}
