package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The System V segment of a killed server, which tells the next one in its directory that it is
 * gone. If there is no next one nobody takes it away, and the kernel has room for 4096 of them.
 */
public final class KernelMemory {
  private static final int LINE_OF_KEY_AND_ID = 6;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private KernelMemory() {}

  /** To be called when the server is dead and its directory about to be deleted. */
  public static void release(Path dataDir) throws IOException {
    var pidFile = dataDir.resolve("postmaster.pid");
    if (Files.notExists(pidFile)) {
      return;
    }
    var lines = Files.readAllLines(pidFile);
    if (lines.size() > LINE_OF_KEY_AND_ID) {
      var keyAndId = lines.get(LINE_OF_KEY_AND_ID).strip().split(" +", -1);
      // It may be gone already, since it does not outlive an orderly end.
      var _ =
          PgCommand.of(Optional.empty(), List.of("ipcrm", "--shmem-id", keyAndId[1]))
              .runToSuccess(TIMEOUT);
    }
  }
}
