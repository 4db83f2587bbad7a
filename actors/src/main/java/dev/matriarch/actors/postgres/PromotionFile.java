package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The timeline of a data directory's last promotion for the cluster, kept in the directory itself:
 * it tells that promotion from one by hand also where the voter's store has come back from an
 * earlier day, or is lost.
 *
 * <p>The text names its node, for copies bring along what the source was.
 */
public record PromotionFile(Path dataDir, NodeId node) {
  /** Not a file of PostgreSQL's; pg_basebackup copies it, and pg_rewind replaces it. */
  static final String NAME = "matriarch.promoted";

  /** Empty: there was none, or the file cannot be read; then the record alone tells. */
  public Optional<Integer> read() {
    try {
      var text = Files.readString(file(), StandardCharsets.UTF_8);
      var timeline = Integer.valueOf(text.substring(0, Math.max(0, text.indexOf(' '))));
      return Optional.of(timeline).filter(it -> text.equals(line(it)));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** After a promotion; it is durable when the call returns. */
  public Outcome write(int timeline) {
    try {
      OwnedFile.replace(file(), line(timeline).getBytes(StandardCharsets.UTF_8), dataDir);
      return new Outcome.Done("promoted to timeline " + timeline);
    } catch (IOException e) {
      return new Outcome.Failed("cannot write %s: %s".formatted(file(), e));
    }
  }

  private String line(int timeline) {
    return "%d %s\n".formatted(timeline, node);
  }

  private Path file() {
    return dataDir.resolve(NAME);
  }
}
