package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes PostgreSQL take the timeline number that the cluster record says, and not just its own
 * newest plus one: files {@code <number>.history} stand for the numbers between.
 *
 * <p>They belong to a node that promoted, since standbys fetch them. On one that did not they keep
 * PostgreSQL from ever becoming consistent; {@link #clear} removes them, and is called before each
 * start. The control directory has the list of those made here, so that nobody else's is removed.
 *
 * @param dataDir of the local PostgreSQL
 * @param controlDir the agent's own directory
 */
public record TimelineNumbers(Path dataDir, Path controlDir) {
  private static final int NUMBERS_MAX = 1_000;

  /**
   * Prepares the next promotion to end on {@code wanted}.
   *
   * @param newest the newest timeline that the local PostgreSQL is on
   */
  public Outcome reserve(int newest, int wanted) {
    if (newest < 1 || wanted <= newest || wanted - newest > NUMBERS_MAX) {
      return new Outcome.Failed(
          "cannot go from timeline %d to %d: it has to be newer, by at most %d"
              .formatted(newest, wanted, NUMBERS_MAX));
    }
    try {
      if (!Files.notExists(history(wanted))) {
        return new Outcome.Failed(
            "%s exists: timeline %d was used before".formatted(history(wanted), wanted));
      }
      clearOwn();
      var numbers = new ArrayList<Integer>();
      for (var number = newest + 1; number < wanted; number++) {
        if (Files.notExists(history(number))) {
          numbers.add(number);
        }
      }
      if (!numbers.isEmpty()) {
        create(numbers, wanted);
      }
      return new Outcome.Done("numbers %s are reserved".formatted(numbers));
    } catch (IOException e) {
      return new Outcome.Failed("timeline %d cannot be prepared: %s".formatted(wanted, e));
    }
  }

  /** Removes what {@link #reserve} left, unless it was promoted; PostgreSQL may be running. */
  public Outcome clear() {
    try {
      return new Outcome.Done("reserved numbers removed: " + clearOwn());
    } catch (IOException e) {
      return new Outcome.Failed("left-over timeline numbers cannot be removed: " + e);
    }
  }

  /** After the promotion: the files stay for good. */
  public void keep() throws IOException {
    DurableFiles.delete(list());
  }

  private void create(List<Integer> numbers, int wanted) throws IOException {
    var text = new StringBuilder().append(wanted).append('\n');
    numbers.forEach(number -> text.append(number).append('\n'));
    DurableFiles.replace(list(), text.toString());
    var owner = FileOwner.like(wal());
    for (var number : numbers) {
      // PostgreSQL looks for newer timelines all the time, and ends if it may not read one.
      DurableFiles.createFor(owner, history(number), "");
    }
    DurableFiles.syncDirectory(wal());
  }

  private List<Integer> clearOwn() throws IOException {
    var removed = new ArrayList<Integer>();
    List<Integer> listed;
    try {
      listed =
          Files.readAllLines(list(), StandardCharsets.US_ASCII).stream()
              .map(Integer::valueOf)
              .toList();
    } catch (NoSuchFileException e) {
      return removed;
    } catch (NumberFormatException e) {
      throw new IOException("%s is damaged".formatted(list()), e);
    }
    var promoted = !Files.notExists(history(listed.getFirst()));
    if (!promoted) {
      for (var number : listed.subList(1, listed.size())) {
        var file = history(number);
        // One with content has come from elsewhere since.
        if (Files.exists(file) && Files.size(file) == 0) {
          Files.delete(file);
          removed.add(number);
        }
      }
      if (Files.isDirectory(wal())) {
        DurableFiles.syncDirectory(wal());
      }
    }
    keep();
    return removed;
  }

  private Path wal() {
    return dataDir.resolve("pg_wal");
  }

  private Path history(int timeline) {
    return wal().resolve("%08X.history".formatted(timeline));
  }

  private Path list() {
    return controlDir.resolve("reserved-timelines");
  }
}
