package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Gives a data directory that cannot be used any more another name, so that a new one can be made
 * in its place. Nothing is deleted. The directories that it links to, for the log and tablespaces,
 * get other names as well, and empty ones take their places.
 *
 * <p>PostgreSQL must not be running in it.
 */
public record MoveAside(Path dataDir) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss", Locale.ROOT);

  /** Renames to {@code <data dir>.<stamp>.<reason>}; the result says where the data are now. */
  public Outcome run(String reason, LocalDateTime now) {
    if (!reason.matches("[a-z0-9_-]+")) {
      throw new IllegalArgumentException("not for a file name: '%s'".formatted(reason));
    }
    var running = RunningPostmaster.in(dataDir);
    if (running.isPresent()) {
      return new Outcome.Failed("not moved aside: " + running.get());
    }
    var suffix = ".%s.%s".formatted(now.format(STAMP), reason);
    var moved = new ArrayDeque<Path>();
    Path real;
    Map<Path, Path> links;
    try {
      // A link stays, and leads to the new directory: that is on the disk the operator chose.
      real = dataDir.toRealPath();
      links = linksIn(real);
      for (var target : links.values()) {
        rename(target, suffix, moved);
        recreate(target, beside(target, suffix));
      }
      rename(real, suffix, moved);
      if (Files.isSymbolicLink(dataDir)) {
        recreate(real, beside(real, suffix));
      }
    } catch (IOException e) {
      return undo(moved, suffix, e);
    }
    return finish(real, links, suffix);
  }

  private Outcome finish(Path real, Map<Path, Path> links, String suffix) {
    var place = beside(real, suffix);
    try {
      relink(real, place, links, suffix);
      DurableFiles.syncDirectory(DurableFiles.parentOf(real));
    } catch (IOException e) {
      return new Outcome.Failed(
          "%s is now %s, but its links to %s may still lead to the old names, which end in %s now: %s"
              .formatted(dataDir, place, links.values(), suffix, e));
    }
    return new Outcome.Done("%s is now %s".formatted(dataDir, place));
  }

  private Outcome undo(Deque<Path> moved, String suffix, IOException cause) {
    var stuck = new ArrayList<Path>();
    while (!moved.isEmpty()) {
      var original = moved.pop();
      try {
        Files.deleteIfExists(original);
        Files.move(beside(original, suffix), original, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        stuck.add(beside(original, suffix));
      }
    }
    var rest = stuck.isEmpty() ? "" : "; left under their new names: " + stuck;
    return new Outcome.Failed(
        ("%s cannot be moved aside: %s%s. If it is a mount point, use a directory below it as data"
                + " directory, or move its content away by hand")
            .formatted(dataDir, cause, rest));
  }

  /** Links to directories outside, by their place in the data directory. */
  private static Map<Path, Path> linksIn(Path real) throws IOException {
    var places = new ArrayList<>(List.of(real.resolve("pg_wal")));
    var tablespaces = real.resolve("pg_tblspc");
    if (Files.isDirectory(tablespaces)) {
      try (var entries = Files.list(tablespaces)) {
        entries.sorted().forEach(places::add);
      }
    }
    var links = new LinkedHashMap<Path, Path>();
    for (var place : places) {
      if (Files.isSymbolicLink(place) && Files.isDirectory(place)) {
        var target = place.toRealPath();
        if (!target.startsWith(real)) {
          links.put(place, target);
        }
      }
    }
    return links;
  }

  private static void relink(Path real, Path place, Map<Path, Path> links, String suffix)
      throws IOException {
    for (var entry : links.entrySet()) {
      var link = place.resolve(real.relativize(entry.getKey()));
      Files.delete(link);
      Files.createSymbolicLink(link, beside(entry.getValue(), suffix));
    }
  }

  private static void rename(Path directory, String suffix, Deque<Path> moved) throws IOException {
    var to = beside(directory, suffix);
    if (Files.exists(to)) {
      throw new FileAlreadyExistsException(to.toString());
    }
    // Atomic: otherwise another file system would make a copy of it.
    Files.move(directory, to, StandardCopyOption.ATOMIC_MOVE);
    moved.push(directory);
  }

  private static void recreate(Path directory, Path like) throws IOException {
    Files.createDirectory(
        directory, PosixFilePermissions.asFileAttribute(Files.getPosixFilePermissions(like)));
    FileOwner.like(like).own(directory);
  }

  private static Path beside(Path directory, String suffix) {
    return directory.resolveSibling(directory.getFileName() + suffix);
  }
}
