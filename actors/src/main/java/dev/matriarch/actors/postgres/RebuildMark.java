package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

/**
 * The note that the data directory is being re-made, or has to be. As long as it is there the
 * directory counts as no data, whatever it holds: a half-made copy, or a log that no leader ever
 * wrote, must neither be voted on nor be started as primary.
 *
 * <p>It is on disk before the first byte of the directory changes, and is taken away by whoever has
 * seen PostgreSQL consistent in it.
 *
 * @param controlDir the agent's own directory, outside the data directory
 */
public record RebuildMark(Path controlDir) {
  private static final String NAME = "rebuild";

  /** What was under way. */
  public enum Work {
    INITDB,
    CLONE,
    REWIND,

    /** Nothing yet: it was primary where the record has another leader. */
    DISOWNED
  }

  private Path file() {
    return controlDir.resolve(NAME);
  }

  /** Puts the mark; it is durable when the call returns. */
  public void set(Work work, Path dataDir) throws IOException {
    var text = "%s of %s since %s%n".formatted(text(work), dataDir, Instant.now());
    DurableFiles.replace(file(), text);
  }

  /** True as well if it cannot be seen whether there is a mark. */
  public boolean isSet() {
    return !Files.notExists(file());
  }

  /** True if there is a mark, and it says so. */
  public boolean isOf(Work work) {
    return isSet() && describe().startsWith(text(work));
  }

  private static String text(Work work) {
    return work.name().toLowerCase(Locale.ROOT);
  }

  /** What the mark says, for the log. */
  public String describe() {
    try {
      return Files.readString(file(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "a mark that cannot be read: " + e;
    }
  }

  /** The directory is good. */
  public void clear() throws IOException {
    DurableFiles.delete(file());
  }
}
