package dev.matriarch.persistence.file;

import java.io.IOException;
import java.nio.file.Path;

/** A state file that cannot be trusted; it has been left as it was found. */
public final class UnusableFileException extends IOException {
  private static final long serialVersionUID = 1;

  private static final String ASIDE =
      " or move the file aside: this voter then gets a new store id, and does not count until the"
          + " leader names it";

  private UnusableFileException(String message) {
    super(message);
  }

  static UnusableFileException damaged(Path path, String problem) {
    return new UnusableFileException(
        ("%s is damaged: %s. Put back the file as it was last written (an older copy has forgotten"
                + " promises and is not safe),%s")
            .formatted(path, problem, ASIDE));
  }

  static UnusableFileException newer(Path path, String problem) {
    return new UnusableFileException(
        "%s was written by a newer agent: %s. Run that version again,%s"
            .formatted(path, problem, ASIDE));
  }

  static UnusableFileException foreign(Path path, String problem) {
    return new UnusableFileException(
        "%s is another node's: %s. Correct scope, name or cluster.data_dir,%s"
            .formatted(path, problem, ASIDE));
  }
}
