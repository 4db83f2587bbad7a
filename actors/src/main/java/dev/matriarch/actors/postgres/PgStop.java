package dev.matriarch.actors.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Stops the server. What was killed and does not go away because its disk hangs counts as stopped:
 * it runs no instruction any more ({@link ProcessId#isHeld}). An interrupt ends the wait, not the
 * shutdown, which cannot be called back.
 *
 * @param timeout after it an immediate stop kills what is left, and a fast stop fails while the
 *     server goes on shutting down
 */
public record PgStop(Path dataDir, Mode mode, Duration timeout) {
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(5);

  /** How PostgreSQL shuts down (PostgreSQL documentation, "Shutting Down the Server"). */
  public enum Mode {
    /** Ends the sessions, writes a checkpoint, lets the standbys have all. */
    FAST(PosixCalls.SIGINT),
    /** Ends at once; the next start recovers. */
    IMMEDIATE(PosixCalls.SIGQUIT);

    private final int signal;

    Mode(int signal) {
      this.signal = signal;
    }
  }

  /** Done means that no process of the server is left that a client could talk to. */
  public Outcome run() {
    var running = RunningPostmaster.find(dataDir);
    if (running.isEmpty()) {
      return withoutOrphans("PostgreSQL does not run");
    }
    var postmaster = running.get().process();
    var began = System.nanoTime();
    postmaster.signal(mode.signal);
    postmaster.signal(PosixCalls.SIGCONT); // one that was frozen would never see the other
    try {
      if (!ProcessExit.await(postmaster, timeout)) {
        if (mode == Mode.FAST) {
          return new Outcome.Failed(
              "PostgreSQL (process %d) still shuts down after %s"
                  .formatted(postmaster.pid(), timeout));
        }
        ServerProcesses.killAll(postmaster);
        if (!ServerProcesses.awaitEnd(List.of(postmaster), KILL_TIMEOUT).isEmpty()) {
          return held(
              "process %d does not even end when killed; is its disk hanging?"
                  .formatted(postmaster.pid()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Failed("cancelled while PostgreSQL shuts down");
    }
    return withoutOrphans(
        "stopped (%s) in %d ms"
            .formatted(
                mode.name().toLowerCase(Locale.ROOT), (System.nanoTime() - began) / 1_000_000));
  }

  private Outcome withoutOrphans(String done) {
    try {
      var orphans = ServerProcesses.killOrphans(dataDir);
      return new Outcome.Done(
          orphans == 0 ? done : "%s; killed %d left-over processes".formatted(done, orphans));
    } catch (IllegalStateException e) {
      return held(String.valueOf(e.getMessage()));
    }
  }

  /** Where something is left that was killed. */
  private Outcome held(String otherwise) {
    var held = ServerProcesses.held(dataDir);
    return held.isEmpty()
        ? new Outcome.Failed(otherwise)
        : new Outcome.Done(
            "killed; the kernel does not let %d of its processes end, process %d among them; does its disk hang?"
                .formatted(held.size(), held.getFirst().pid()));
  }
}
