package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Replays the write-ahead log of an uncleanly stopped primary to its end, in single-user mode, so
 * that it can be compared with others and rewound. Nothing listens meanwhile.
 *
 * <p>An interrupt cancels it: the process is killed, which leaves the directory as it was, unclean.
 */
public record CrashRecovery(PgBinaries binaries, OsUser user, Path dataDir, Duration timeout) {
  // Since 15 a backup_label only comes from a base backup that was never started.
  private static final int FIRST_WITHOUT_EXCLUSIVE_BACKUP = 15;

  public Outcome run() {
    try {
      ServerProcesses.killOrphans(dataDir);
    } catch (IllegalStateException e) {
      return new Outcome.Failed(String.valueOf(e.getMessage()));
    }
    var running = RunningPostmaster.in(dataDir);
    if (running.isPresent()) {
      return new Outcome.Failed(running.get() + "; crash recovery is for one that is stopped");
    }
    if (Files.exists(dataDir.resolve("backup_label"))
        && binaries.version().major() >= FIRST_WITHOUT_EXCLUSIVE_BACKUP) {
      return new Outcome.Failed(
          "%s is a base backup that has not been started yet (backup_label); it needs the log from its backup, not crash recovery"
              .formatted(dataDir));
    }
    try {
      for (var signal : PgStart.signals(dataDir)) {
        Files.deleteIfExists(signal);
      }
    } catch (IOException e) {
      return new Outcome.Failed("cannot prepare crash recovery: " + e.getMessage());
    }
    return switch (command().runToSuccess(timeout)) {
      case Outcome.Failed failed -> failed;
      case Outcome.Done _ -> confirmed();
    };
  }

  /**
   * Archiving stays on, with a command that never succeeds: switched off, the checkpoint at the end
   * would remove log files that still wait to be archived.
   */
  private PgCommand command() {
    var argv =
        List.of(
            binaries.program("postgres"),
            "--single",
            "-D",
            dataDir.toString(),
            "-c",
            "archive_mode=on",
            "-c",
            "archive_command=false",
            "-c",
            "synchronous_standby_names=",
            "template1");
    return new PgCommand(user.switchTo(), argv, RunningPostmaster.ignoringStaleFile(dataDir));
  }

  private Outcome confirmed() {
    return switch (ControlData.read(binaries, user, dataDir)) {
      case ControlData.Reading.Unreadable(var reason) -> new Outcome.Failed(reason);
      case ControlData.Reading.Read(var data) when data.state() == ControlData.State.SHUT_DOWN ->
          new Outcome.Done("recovered to " + data.checkpoint());
      case ControlData.Reading.Read(var data) ->
          new Outcome.Failed("after crash recovery the state is still " + data.state());
    };
  }
}
