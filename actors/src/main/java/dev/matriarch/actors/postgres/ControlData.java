package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the control file of a data directory says.
 *
 * @param systemIdentifier an unsigned 64-bit number
 * @param checkpoint position of the newest checkpoint record, on its timeline
 * @param checkpointRedo where crash recovery would start
 * @param minimumRecoveryEnd how far a standby must replay to be consistent; empty where that does
 *     not apply
 * @param limits the primary's values that a hot standby must not fall below, by parameter name
 */
public record ControlData(
    String systemIdentifier,
    State state,
    Position checkpoint,
    Lsn checkpointRedo,
    Optional<Position> minimumRecoveryEnd,
    boolean walLogHints,
    boolean dataChecksums,
    String walLevel,
    SortedMap<String, Integer> limits) {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Map<String, String> LIMITS =
      Map.of(
          "max_connections setting", "max_connections",
          "max_worker_processes setting", "max_worker_processes",
          "max_wal_senders setting", "max_wal_senders",
          "max_prepared_xacts setting", "max_prepared_transactions",
          "max_locks_per_xact setting", "max_locks_per_transaction");

  /** The state of the server when it last wrote its control file (pg_controldata.c). */
  public enum State {
    STARTING_UP("starting up"),
    SHUT_DOWN("shut down"),
    SHUT_DOWN_IN_RECOVERY("shut down in recovery"),
    SHUTTING_DOWN("shutting down"),
    IN_CRASH_RECOVERY("in crash recovery"),
    IN_ARCHIVE_RECOVERY("in archive recovery"),
    IN_PRODUCTION("in production");

    private final String printed;

    State(String printed) {
      this.printed = printed;
    }

    /** A primary that has not been shut down: its write-ahead log has to be replayed to its end. */
    public boolean isUncleanPrimary() {
      return this == IN_PRODUCTION || this == SHUTTING_DOWN || this == IN_CRASH_RECOVERY;
    }

    static State parse(String text) {
      return Arrays.stream(values())
          .filter(state -> state.printed.equals(text))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("unknown cluster state '" + text + "'"));
    }
  }

  /**
   * The newest place that it names, on the timeline that it was last on. A promotion notes the new
   * timeline as the end of recovery at once, and as the checkpoint's only with the next checkpoint
   * ({@code CreateEndOfRecoveryRecord}, xlog.c).
   */
  public Position newest() {
    return minimumRecoveryEnd
        .filter(it -> it.timeline() > checkpoint.timeline())
        .orElse(checkpoint);
  }

  /** What reading brought. */
  public sealed interface Reading {
    record Read(ControlData data) implements Reading {}

    /** There is no control file, or it is damaged. */
    record Unreadable(String reason) implements Reading {}
  }

  /** Asks pg_controldata where this program cannot read the file itself. */
  public static Reading read(PgBinaries binaries, OsUser user, Path dataDir) {
    return ControlFile.read(dataDir)
        .<Reading>map(Reading.Read::new)
        .orElseGet(() -> printed(binaries, user, dataDir));
  }

  /** What pg_controldata says. */
  static Reading printed(PgBinaries binaries, OsUser user, Path dataDir) {
    var command =
        PgCommand.of(
            user.switchTo(), List.of(binaries.program("pg_controldata"), "-D", dataDir.toString()));
    return switch (command.run(TIMEOUT)) {
      case PgCommand.Result.Exited(var code, var stdout, _) when code == 0 -> parse(stdout);
      case PgCommand.Result.Exited(var code, _, var tail) ->
          new Reading.Unreadable("pg_controldata exited with %d: %s".formatted(code, tail));
      case PgCommand.Result.TimedOut(var after, _) ->
          new Reading.Unreadable("pg_controldata did not end within " + after);
      case PgCommand.Result.NotRun(var reason) -> new Reading.Unreadable(reason);
    };
  }

  static Reading parse(String printed) {
    var values = new HashMap<String, String>();
    for (var line : printed.lines().toList()) {
      if (line.startsWith("WARNING: ")) {
        return new Reading.Unreadable("the control file is damaged: " + line);
      }
      var colon = line.indexOf(':');
      if (colon > 0) {
        values.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    try {
      return new Reading.Read(of(values));
    } catch (IllegalArgumentException e) {
      return new Reading.Unreadable("pg_controldata printed something unknown: " + e.getMessage());
    }
  }

  private static ControlData of(Map<String, String> values) {
    var limits = new TreeMap<String, Integer>();
    LIMITS.forEach(
        (label, parameter) -> limits.put(parameter, Integer.parseInt(value(values, label))));
    var recoveryEnd = Lsn.parse(value(values, "Minimum recovery ending location"));
    return new ControlData(
        value(values, "Database system identifier"),
        State.parse(value(values, "Database cluster state")),
        new Position(
            Integer.parseInt(value(values, "Latest checkpoint's TimeLineID")),
            Lsn.parse(value(values, "Latest checkpoint location"))),
        Lsn.parse(value(values, "Latest checkpoint's REDO location")),
        Optional.of(recoveryEnd)
            .filter(lsn -> !lsn.equals(Lsn.ZERO))
            .map(lsn ->
                new Position(
                    Integer.parseInt(value(values, "Min recovery ending loc's timeline")), lsn)),
        value(values, "wal_log_hints setting").equals("on"),
        !value(values, "Data page checksum version").equals("0"),
        value(values, "wal_level setting"),
        limits);
  }

  private static String value(Map<String, String> values, String label) {
    return Optional.ofNullable(values.get(label))
        .orElseThrow(() -> new IllegalArgumentException("there is no line '" + label + "'"));
  }
}
