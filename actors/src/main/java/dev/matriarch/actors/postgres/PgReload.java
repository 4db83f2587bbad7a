package dev.matriarch.actors.postgres;

import java.nio.file.Path;

/**
 * Makes the server read its configuration files again. It only sends the signal: who needs to know
 * that a value is in force asks the server.
 */
public record PgReload(Path dataDir) {
  public Outcome run() {
    return RunningPostmaster.find(dataDir)
        .filter(running -> running.process().signal(PosixCalls.SIGHUP))
        .<Outcome>map(running -> new Outcome.Done("reload signalled"))
        .orElseGet(() -> new Outcome.Failed("PostgreSQL does not run"));
  }
}
