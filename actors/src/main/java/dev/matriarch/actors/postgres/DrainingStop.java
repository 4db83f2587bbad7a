package dev.matriarch.actors.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A fast stop with a limit on how long it waits for the clients of WAL senders: one that has gone
 * silent, or a logical subscriber that is slow, can keep the shutdown checkpoint from beginning
 * ({@link ShutdownBlockers}), and the server from ending after it. What is ended then is a server
 * whose data are complete and marked as shut down.
 *
 * @param drain how long the WAL senders may take: before the checkpoint, first those that are
 *     behind another and then the others; and after it all of them
 * @param timeout after it PostgreSQL is stopped at once, whatever it is doing
 * @param state what the control file says; empty: it cannot be read
 */
public record DrainingStop(
    Path dataDir, Duration drain, Duration timeout, Supplier<Optional<ControlData.State>> state) {
  private static final String LACKING = "not every standby or subscriber had received all WAL";

  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(30);

  /** Most stops have ended by then, and the control file need not be read. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);

  /** As {@link PgStop#run}. */
  public Outcome run() {
    var running = RunningPostmaster.find(dataDir);
    if (running.isEmpty()) {
      return new PgStop(dataDir, PgStop.Mode.FAST, timeout).run();
    }
    try {
      return new Attempt(running.get().process()).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Failed("cancelled while PostgreSQL shuts down");
    }
  }

  /** One stop of one server. Times are of {@link System#nanoTime}. */
  private final class Attempt {
    private final ProcessId postmaster;
    private final long began = System.nanoTime();
    private long ends = began + timeout.toNanos();
    private Optional<Long> blockedSince = Optional.empty();
    private boolean cut;
    private boolean checkpointed;

    Attempt(ProcessId postmaster) {
      this.postmaster = postmaster;
    }

    Outcome run() throws InterruptedException {
      var exit = ProcessExit.watch(postmaster);
      postmaster.signal(PosixCalls.SIGINT);
      while (System.nanoTime() < ends) {
        var slice = Math.min(LOOK_EVERY.toNanos(), ends - System.nanoTime());
        if (ProcessExit.await(exit, Duration.ofNanos(slice))) {
          return ended(
              PgStop.Mode.FAST,
              "stopped (fast) in %d ms%s"
                  .formatted((System.nanoTime() - began) / 1_000_000, cut ? "; " + LACKING : ""));
        }
        look();
      }
      return ended(
          PgStop.Mode.IMMEDIATE,
          checkpointed
              ? "stopped; " + LACKING
              : "stopped at once; the shutdown checkpoint took too long");
    }

    private void look() {
      var seen = checkpointed ? Optional.<ControlData.State>empty() : state.get();
      if (seen.equals(Optional.of(ControlData.State.SHUT_DOWN))) {
        checkpointed = true;
        ends = Math.min(ends, System.nanoTime() + drain.toNanos());
      } else if (seen.equals(Optional.of(ControlData.State.IN_PRODUCTION))
          && ShutdownBlockers.areAllThatIsLeft(postmaster)) {
        unblock();
      }
    }

    /** Told at each look: one that is just telling its client of the end needs a second word. */
    private void unblock() {
      var now = System.nanoTime();
      var since = blockedSince.orElse(now);
      blockedSince = Optional.of(since);
      if (now - since >= drain.toNanos()) {
        var senders =
            now - since >= 2 * drain.toNanos()
                ? ShutdownBlockers.all(postmaster)
                : ShutdownBlockers.behind(postmaster);
        senders.forEach(it -> it.signal(PosixCalls.SIGTERM));
        cut |= !senders.isEmpty();
      }
    }
  }

  /** Ends what is left of it, which is nothing after a fast stop. */
  private Outcome ended(PgStop.Mode mode, String detail) {
    var rest = new PgStop(dataDir, mode, KILL_TIMEOUT).run();
    return rest instanceof Outcome.Done ? new Outcome.Done(detail) : rest;
  }
}
