package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * PostgreSQL's lock file {@code postmaster.pid} (miscadmin.h, "lock file"). It is written line by
 * line while the server starts, so the later ones may be missing.
 *
 * @param standalone written by a single-user server, which has no postmaster
 * @param startedSeconds seconds since the epoch by the wall clock of that time
 */
public record PidFile(
    int pid,
    boolean standalone,
    Optional<Long> startedSeconds,
    Optional<Integer> port,
    Optional<String> socketDir,
    Status status) {
  static final String NAME = "postmaster.pid";

  /** What the postmaster says of itself. */
  public enum Status {
    STARTING,
    STOPPING,
    /** Accepts connections. */
    READY,
    /** A standby that accepts none, as {@code hot_standby} is off. */
    STANDBY,
    /** Not written yet. */
    UNKNOWN
  }

  /** Empty when there is no file, or no process number in it. */
  public static Optional<PidFile> read(Path dataDir) {
    try {
      return parse(Files.readString(dataDir.resolve(NAME), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Optional<PidFile> parse(String text) {
    var lines = text.split("\n", -1);
    return number(lines, 0)
        .filter(pid -> pid != 0 && Math.abs(pid) <= Integer.MAX_VALUE)
        .map(pid ->
            new PidFile(
                (int) Math.abs(pid),
                pid < 0,
                number(lines, 2),
                number(lines, 3).map(Long::intValue),
                line(lines, 4),
                status(line(lines, 7).orElse(""))));
  }

  private static Optional<String> line(String[] lines, int index) {
    return index < lines.length
        ? Optional.of(lines[index].strip()).filter(line -> !line.isEmpty())
        : Optional.empty();
  }

  private static Optional<Long> number(String[] lines, int index) {
    try {
      return line(lines, index).map(Long::parseLong);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Status status(String word) {
    return switch (word) {
      case "starting" -> Status.STARTING;
      case "stopping" -> Status.STOPPING;
      case "ready" -> Status.READY;
      case "standby" -> Status.STANDBY;
      case String _ -> Status.UNKNOWN;
    };
  }
}
