package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.model.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The way to one timeline: which timelines it came from, and where it left each of them. The oldest
 * is first.
 *
 * <p>It is the content of PostgreSQL's file {@code <number>.history}. An empty one is valid: the
 * number was reserved and never used, or the timeline has no ancestor.
 */
public record TimelineHistory(List<Ancestor> ancestors) {
  public static final TimelineHistory EMPTY = new TimelineHistory(List.of());

  /**
   * A timeline that was left.
   *
   * @param forkLsn where the next timeline begins; the log up to here is common to both
   */
  public record Ancestor(int timeline, Lsn forkLsn, String reason) {}

  public TimelineHistory {
    ancestors = List.copyOf(ancestors);
  }

  /**
   * Reads the content of a history file: number, position, reason, with white space between; blank
   * lines and those that begin with {@code #} do not count.
   *
   * @throws IllegalArgumentException if a line is damaged or the numbers do not rise
   */
  public static TimelineHistory parse(String content) {
    var ancestors = new ArrayList<Ancestor>();
    for (var line : content.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      var ancestor = parseLine(line);
      if (!ancestors.isEmpty() && ancestor.timeline() <= ancestors.getLast().timeline()) {
        throw new IllegalArgumentException(
            "timelines of a history do not rise: '%s'".formatted(line));
      }
      ancestors.add(ancestor);
    }
    return new TimelineHistory(ancestors);
  }

  /** Where this history leaves {@code timeline}; empty if it never was on it. */
  public Optional<Lsn> forkOf(int timeline) {
    return ancestors.stream()
        .filter(ancestor -> ancestor.timeline() == timeline)
        .map(Ancestor::forkLsn)
        .findFirst();
  }

  private static Ancestor parseLine(String line) {
    var fields = line.split("\\s+", 3);
    try {
      var timeline = Integer.parseInt(fields[0]);
      if (timeline < 1 || fields.length < 2) {
        throw new IllegalArgumentException("number or position missing");
      }
      return new Ancestor(timeline, Lsn.parse(fields[1]), fields.length > 2 ? fields[2] : "");
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a line of a history file: '%s'".formatted(line), e);
    }
  }
}
