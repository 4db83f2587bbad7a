package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.sync.NamesInUse;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Remembers over restarts of the agent by which values of {@code synchronous_standby_names} some
 * process of the local PostgreSQL may still go. A value is noted before it is written where
 * PostgreSQL reads it, and crossed out only after it was proven that nobody goes by it.
 *
 * @param controlDir the agent's own directory, outside the data directory
 */
public record SyncSettingFile(Path controlDir) {
  /** The parameter of PostgreSQL. */
  public static final String PARAMETER = "synchronous_standby_names";

  private static final String NAME = "synchronous-standby-names";
  private static final String SETTLED = "settled";
  private static final String UNSETTLED = "unsettled";
  private static final int HEAD = 2;

  /** What is noted. */
  public sealed interface Reading {
    record Noted(NamesInUse inUse) implements Reading {}

    /** PostgreSQL never had a value from here: what the operator has set is in force. */
    record Nothing() implements Reading {}

    /** It cannot be read, or not be understood: any value may be in use. */
    record Unreadable(String reason) implements Reading {}
  }

  public Reading read() {
    try {
      var lines = Files.readAllLines(file(), StandardCharsets.UTF_8);
      return parse(lines)
          .<Reading>map(Reading.Noted::new)
          .orElseGet(() -> new Reading.Unreadable(file() + " is damaged"));
    } catch (NoSuchFileException e) {
      return new Reading.Nothing();
    } catch (IOException e) {
      return new Reading.Unreadable("cannot read %s: %s".formatted(file(), e));
    }
  }

  /**
   * What the configuration has to say whenever it is written; empty: what the operator has set. If
   * it cannot be told commits are held: whoever takes care of the setting will say better.
   */
  public Optional<StandbyNames> forConfiguration() {
    return switch (read()) {
      case Reading.Noted(var inUse) -> Optional.of(inUse.newest());
      case Reading.Nothing _ -> Optional.empty();
      case Reading.Unreadable _ -> Optional.of(StandbyNames.HOLD);
    };
  }

  /** Durable when the call returns. */
  void note(NamesInUse inUse) throws IOException {
    var text = new StringBuilder(inUse.settled() ? SETTLED : UNSETTLED).append('\n');
    text.append(inUse.goal().format()).append('\n');
    inUse.values().forEach(it -> text.append(it.format()).append('\n'));
    DurableFiles.replace(file(), text.append("end\n").toString());
  }

  private static Optional<NamesInUse> parse(List<String> lines) {
    var wellFormed =
        lines.size() > HEAD + 1
            && (lines.getFirst().equals(SETTLED) || lines.getFirst().equals(UNSETTLED))
            && lines.getLast().equals("end");
    if (!wellFormed) {
      return Optional.empty();
    }
    var values = new ArrayList<StandbyNames>();
    for (var line : lines.subList(1, lines.size() - 1)) {
      StandbyNames.parse(line).ifPresent(values::add);
    }
    return values.size() < lines.size() - 2
        ? Optional.empty()
        : Optional.of(
            new NamesInUse(
                lines.getFirst().equals(SETTLED),
                values.getFirst(),
                values.subList(1, values.size())));
  }

  private Path file() {
    return controlDir.resolve(NAME);
  }
}
