package dev.matriarch.actors.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * A fast stop with a limit on what comes after the shutdown checkpoint: PostgreSQL waits until each
 * WAL sender's client has received everything, which one that has gone silent, or a logical
 * subscriber that is slow, can keep from ending. What is ended then is a server whose data are
 * complete and marked as shut down.
 *
 * @param drain how long the WAL senders may take after the checkpoint
 * @param timeout after it PostgreSQL is stopped at once, whatever it is doing
 * @param isShutDown whether the control file says so
 */
public record DrainingStop(
    Path dataDir, Duration drain, Duration timeout, BooleanSupplier isShutDown) {
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(30);

  /** Most stops have ended by then, and the control file need not be read. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);

  /** As {@link PgStop#run}. */
  public Outcome run() {
    var running = RunningPostmaster.find(dataDir);
    if (running.isEmpty()) {
      return new PgStop(dataDir, PgStop.Mode.FAST, timeout).run();
    }
    var postmaster = running.get().process();
    var exit = ProcessExit.watch(postmaster);
    var began = System.nanoTime();
    postmaster.signal(PosixCalls.SIGINT);
    try {
      var checkpointed = false;
      for (var ends = began + timeout.toNanos(); System.nanoTime() < ends; ) {
        var slice = Math.min(LOOK_EVERY.toNanos(), ends - System.nanoTime());
        if (ProcessExit.await(exit, Duration.ofNanos(slice))) {
          return ended(PgStop.Mode.FAST, "stopped (fast) in %d ms".formatted(millisSince(began)));
        }
        if (!checkpointed && isShutDown.getAsBoolean()) {
          checkpointed = true;
          ends = Math.min(ends, System.nanoTime() + drain.toNanos());
        }
      }
      return ended(
          PgStop.Mode.IMMEDIATE,
          checkpointed
              ? "stopped; not every standby or subscriber had received all WAL"
              : "stopped at once; the shutdown checkpoint took too long");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Failed("cancelled while PostgreSQL shuts down");
    }
  }

  /** Ends what is left of it, which is nothing after a fast stop. */
  private Outcome ended(PgStop.Mode mode, String detail) {
    var rest = new PgStop(dataDir, mode, KILL_TIMEOUT).run();
    return rest instanceof Outcome.Done ? new Outcome.Done(detail) : rest;
  }

  private static long millisSince(long began) {
    return (System.nanoTime() - began) / 1_000_000;
  }
}
