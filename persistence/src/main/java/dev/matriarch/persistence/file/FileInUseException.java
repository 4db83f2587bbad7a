package dev.matriarch.persistence.file;

import java.io.IOException;
import java.nio.file.Path;

/** Another agent works with the same file. */
public final class FileInUseException extends IOException {
  private static final long serialVersionUID = 1;

  FileInUseException(Path file, Path lock, String holder) {
    super(
        ("%s is in use by another agent (%s holds %s): stop that agent, or give this one another"
                + " cluster.data_dir")
            .formatted(file, holder, lock));
  }
}
