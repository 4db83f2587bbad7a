package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The number of a data directory's incarnation, kept in the directory itself: with the directory it
 * is lost, and with it an older copy comes back.
 *
 * <p>The text names its node. A directory that was copied from another member, by whatever means,
 * brings that member's file along, and must not pass for data that were here before.
 */
public record IncarnationFile(Path dataDir, NodeId node) {
  /** Not a file of PostgreSQL's; pg_basebackup copies it, and pg_rewind replaces it. */
  static final String NAME = "matriarch.incarnation";

  /** No incarnation has it: the election orders another number in its place. */
  public static final long NONE = 0;

  /** What is in the directory. */
  public sealed interface Reading {
    record Found(long number) implements Reading {}

    /** No file, a damaged one, or one of another member: these data are not known here. */
    record Unknown(String why) implements Reading {}

    /** It may be there: the disk does not say. Nothing may be concluded from that. */
    record Unreadable(String reason) implements Reading {}

    /** What to tell the election; empty: nothing yet. */
    default Optional<Long> report() {
      return switch (this) {
        case Found(var number) -> Optional.of(number);
        case Unknown _ -> Optional.of(NONE);
        case Unreadable _ -> Optional.empty();
      };
    }
  }

  public Reading read() {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file());
    } catch (NoSuchFileException e) {
      return new Reading.Unknown("there is no " + file());
    } catch (IOException e) {
      return new Reading.Unreadable("cannot read %s: %s".formatted(file(), e));
    }
    var text = new String(bytes, StandardCharsets.UTF_8);
    var cut = text.indexOf(' ');
    var digits = Long.BYTES * 2;
    if (cut != digits || !text.equals(line(text, cut))) {
      return new Reading.Unknown(file() + " is damaged or of another member");
    }
    try {
      return new Reading.Found(HexFormat.fromHexDigitsToLong(text, 0, cut));
    } catch (NumberFormatException e) {
      return new Reading.Unknown(file() + " is damaged");
    }
  }

  /** Gives these data a number; it is durable when the call returns. */
  public Outcome write(long number) {
    var text = HexFormat.of().toHexDigits(number) + rest();
    try {
      OwnedFile.replace(file(), text.getBytes(StandardCharsets.UTF_8), dataDir);
      return new Outcome.Done("incarnation %016x".formatted(number));
    } catch (IOException e) {
      return new Outcome.Failed("cannot write %s: %s".formatted(file(), e));
    }
  }

  /** Forgets whose data these were: they were made anew. */
  static void remove(Path dataDir) throws IOException {
    DurableFiles.delete(dataDir.resolve(NAME));
  }

  /** For a rewind, which keeps whose data these are; empty: nothing that could be read. */
  static Optional<byte[]> contentOf(Path dataDir) {
    try {
      return Optional.of(Files.readAllBytes(dataDir.resolve(NAME)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** After a rewind; without a content they count as unknown data. */
  static void restore(Path dataDir, Optional<byte[]> content) throws IOException {
    if (content.isPresent()) {
      OwnedFile.replace(dataDir.resolve(NAME), content.get(), dataDir);
    } else {
      remove(dataDir);
    }
  }

  private String line(String text, int cut) {
    return text.substring(0, cut) + rest();
  }

  private String rest() {
    return " " + node + "\n";
  }

  private Path file() {
    return dataDir.resolve(NAME);
  }
}
