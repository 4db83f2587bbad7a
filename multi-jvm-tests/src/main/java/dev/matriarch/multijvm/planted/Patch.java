package dev.matriarch.multijvm.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * A small change of source files, as {@code git diff} writes it. A hunk fits where its old lines
 * are, on whatever line that is today, if they are there once: code around them may change, they
 * may not.
 */
record Patch(List<Change> changes) {
  private static final String OLD_FILE = "--- a/";
  private static final String NEW_FILE = "+++ b/";

  /** What is done to one file, named from the root of the sources. */
  record Change(Path file, List<Hunk> hunks) {
    Change {
      hunks = List.copyOf(hunks);
    }
  }

  /** Lines, with those around them, and what they become. */
  record Hunk(List<String> before, List<String> after) {
    Hunk {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }
  }

  Patch {
    changes = List.copyOf(changes);
  }

  /**
   * Reads the part of a patch file that follows its head.
   *
   * @throws IllegalArgumentException for anything but changes of files that there are
   */
  static Patch parse(List<String> lines) {
    var changes = new ArrayList<Change>();
    for (var at = 0; at < lines.size(); ) {
      var line = lines.get(at);
      if (line.startsWith("diff ") || line.startsWith("index ")) {
        at++;
      } else if (line.startsWith(OLD_FILE)) {
        at = change(lines, at, changes);
      } else {
        throw new IllegalArgumentException("'%s' is no line of a patch".formatted(line));
      }
    }
    if (changes.isEmpty()) {
      throw new IllegalArgumentException("it changes nothing");
    }
    return new Patch(changes);
  }

  private static int change(List<String> lines, int from, List<Change> changes) {
    var file = lines.get(from).substring(OLD_FILE.length());
    if (from + 1 >= lines.size() || !lines.get(from + 1).equals(NEW_FILE + file)) {
      throw new IllegalArgumentException("it does more than change " + file);
    }
    var hunks = new ArrayList<Hunk>();
    var at = from + 2;
    while (at < lines.size() && lines.get(at).startsWith("@@ ")) {
      at = hunk(lines, at + 1, hunks);
    }
    if (hunks.isEmpty()) {
      throw new IllegalArgumentException("it changes nothing of " + file);
    }
    changes.add(new Change(Path.of(file), hunks));
    return at;
  }

  private static int hunk(List<String> lines, int from, List<Hunk> hunks) {
    var before = new ArrayList<String>();
    var after = new ArrayList<String>();
    var at = from;
    while (at < lines.size() && isOfHunk(lines.get(at))) {
      var line = lines.get(at);
      var text = line.isEmpty() ? line : line.substring(1);
      if (!line.startsWith("+")) {
        before.add(text);
      }
      if (!line.startsWith("-")) {
        after.add(text);
      }
      at++;
    }
    hunks.add(new Hunk(before, after));
    return at;
  }

  /** An editor may have taken the blank of an empty line. */
  private static boolean isOfHunk(String line) {
    return !line.startsWith(OLD_FILE)
        && (line.isEmpty() || line.startsWith(" ") || line.startsWith("+") || line.startsWith("-"));
  }

  /**
   * Changes the files below {@code tree}; none of them if one does not fit.
   *
   * @throws IllegalArgumentException if it does not fit; says where
   */
  void applyTo(Path tree) throws IOException {
    var changed = new LinkedHashMap<Path, List<String>>();
    for (var change : changes) {
      var file = tree.resolve(change.file());
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("there is no file " + change.file());
      }
      List<String> lines = new ArrayList<>(Files.readAllLines(file));
      for (var hunk : change.hunks()) {
        lines = replaced(lines, hunk, change.file());
      }
      changed.put(file, lines);
    }
    for (var entry : changed.entrySet()) {
      Files.write(entry.getKey(), entry.getValue());
    }
  }

  private static List<String> replaced(List<String> lines, Hunk hunk, Path file) {
    var at = Collections.indexOfSubList(lines, hunk.before());
    if (at < 0 || at != Collections.lastIndexOfSubList(lines, hunk.before())) {
      throw new IllegalArgumentException(
          "%s has these lines %s:%n%s"
              .formatted(
                  file,
                  at < 0 ? "no more" : "several times",
                  String.join(System.lineSeparator(), hunk.before())));
    }
    var all = new ArrayList<>(lines.subList(0, at));
    all.addAll(hunk.after());
    all.addAll(lines.subList(at + hunk.before().size(), lines.size()));
    return all;
  }
}
