package dev.matriarch.actors.postgres;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A postmaster that runs in a data directory.
 *
 * <p>Its lock file may be a left-over whose number another process has by now. So the process must
 * be called postgres, must not be one of a server's children, and must work in this very directory.
 * The start time in the file is not compared: it is by the wall clock, and would make a running
 * server unknown after the clock was set.
 */
public record RunningPostmaster(ProcessId process, PidFile file) {
  static final String PROGRAM = "postgres";
  private static final String TITLE_OF_CHILDREN = "postgres: ";

  public static Optional<RunningPostmaster> find(Path dataDir) {
    return PidFile.read(dataDir)
        .filter(file -> !file.standalone())
        .flatMap(file ->
            ProcessId.of(file.pid())
                .filter(process -> isPostmasterOf(process, dataDir))
                .map(process -> new RunningPostmaster(process, file)));
  }

  /**
   * Whether all that is left of the server of a directory was killed, and does not go away because
   * the kernel holds it, as while its disk hangs: it runs no instruction any more.
   */
  public static boolean isHeld(Path dataDir) {
    return !ServerProcesses.held(dataDir).isEmpty();
  }

  /**
   * Why a directory must be left alone by whoever changes its files: a server works in it, be it a
   * postmaster, one in single-user mode or what is left of a killed one, or that cannot be
   * excluded.
   */
  static Optional<String> in(Path dataDir) {
    var lockFile = PidFile.read(dataDir);
    if (lockFile.isEmpty() && Files.exists(dataDir.resolve(PidFile.NAME))) {
      return Optional.of(
          "%s cannot be understood; remove it if no PostgreSQL runs there"
              .formatted(dataDir.resolve(PidFile.NAME)));
    }
    return lockFile
        .flatMap(file -> ProcessId.of(file.pid()))
        .filter(process -> isServer(process, dataDir))
        .or(() -> ServerProcesses.orphans(dataDir).stream().findFirst())
        .map(process -> "PostgreSQL runs in %s as process %d".formatted(dataDir, process.pid()));
  }

  /**
   * The environment in which a server starts although the number in a left-over lock file now
   * belongs to another program. Removing the file would race with a server that starts; instead the
   * server is told that the number is of its own family, and it still checks the shared memory.
   */
  static Map<String, String> ignoringStaleFile(Path dataDir) {
    return PidFile.read(dataDir)
        .map(PidFile::pid)
        .filter(pid -> ProcessId.of(pid).filter(process -> isServer(process, dataDir)).isEmpty())
        .map(pid -> Map.of("PG_GRANDPARENT_PID", Integer.toString(pid)))
        .orElse(Map.of());
  }

  private static boolean isServer(ProcessId process, Path dataDir) {
    return ProcessId.nameOf(process.pid()).filter(PROGRAM::equals).isPresent()
        && process.worksIn(dataDir);
  }

  private static boolean isPostmasterOf(ProcessId process, Path dataDir) {
    return isServer(process, dataDir)
        && process.commandLine().filter(line -> !line.startsWith(TITLE_OF_CHILDREN)).isPresent()
        && process.alive();
  }
}
