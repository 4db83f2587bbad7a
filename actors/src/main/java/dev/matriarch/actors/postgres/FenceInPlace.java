package dev.matriarch.actors.postgres;

import dev.matriarch.actors.postgres.FenceSessions.State;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Position;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes a running standby take the empty setting, which is on disk already, and looks on until
 * nothing can come in any more.
 *
 * <p>A reload alone does not do: while replay is paused or held up, the process that replays does
 * not stop the WAL receiver, which goes on to receive and to confirm. So the receiver is ended
 * here, and the fence holds once there is none <em>and</em> the replaying process waits before it
 * looks for more log: to get there it has read the new setting, or reads it before it asks for
 * another receiver (xlogrecovery.c, WaitForWALToBecomeAvailable).
 *
 * @param running the postmaster of the standby
 */
record FenceInPlace(RunningPostmaster running, PgConnection server, FenceSessions sessions) {
  // A fence takes a few milliseconds, in which the cluster has no primary: they are looked for
  // often, and then, when it will be slow anyway, without burning the host's CPU.
  private static final Duration POLL = Duration.ofNanos(500_000);
  private static final Duration LATE_POLL = Duration.ofMillis(2);
  private static final Duration EARLY = Duration.ofMillis(20);

  /** On a busy host the empty setting may take long to be in force, and replay its time then. */
  private static final int PROOF_FACTOR = 5;

  private static final Duration REPLAY_MIN = Duration.ofMillis(50);

  /** How an attempt ended. */
  sealed interface Attempt {
    record Shut(Position position) implements Attempt {}

    /**
     * The server has to be stopped.
     *
     * @param noted all that it holds; empty: not known, or more may have come in since
     */
    record NotShut(String why, Optional<Position> noted) implements Attempt {}
  }

  /**
   * Tries it.
   *
   * @param limit for the end of replay; a server that hangs is given up after some times as long
   */
  Attempt run(Duration limit) {
    var began = System.nanoTime();
    var untilNanos = began + limit.toNanos();
    var proofUntil = began + limit.multipliedBy(PROOF_FACTOR).toNanos();
    try {
      return attempt(untilNanos, proofUntil);
    } catch (SQLException e) {
      // One that was kept open may have died with an earlier server; a second error is the
      // server's.
      sessions.close();
    }
    try {
      return attempt(untilNanos, proofUntil);
    } catch (SQLException e) {
      sessions.close();
      return notShut(Objects.requireNonNullElse(e.getMessage(), e.toString()));
    }
  }

  private Attempt attempt(long untilNanos, long proofUntil) throws SQLException {
    sessions.open(Duration.ofNanos(proofUntil - System.nanoTime()));
    var before = sessions.state();
    if (!before.inRecovery()) {
      return notShut("it is a primary");
    }
    if (!running.process().signal(PosixCalls.SIGHUP)) {
      return notShut("it has ended");
    }
    var began = System.nanoTime();
    while (!sessions.state().sourcesEmpty()) {
      if (System.nanoTime() >= proofUntil) {
        return notShut("it does not take the empty setting");
      }
      pause(began);
    }
    // A session has it, so the postmaster is at the reload or past it; and once it does something
    // else, it has passed the signal on to all its children.
    var left = Duration.ofNanos(proofUntil - System.nanoTime());
    if (!PostmasterTurn.await(server.server(), left)) {
      return notShut("the postmaster does not answer");
    }
    var replayUntil = Math.max(untilNanos, System.nanoTime() + REPLAY_MIN.toNanos());
    return awaitShut(before, began, replayUntil, Math.max(replayUntil, proofUntil));
  }

  private Attempt awaitShut(State before, long began, long replayUntil, long receiverUntil)
      throws SQLException {
    var ended = new HashSet<ProcessId>();
    var woken = Optional.<ProcessId>empty();
    while (true) {
      var asleep = woken.flatMap(ProcessId::sleep);
      var state = sessions.state();
      if (!state.inRecovery()) {
        return notShut("it has become a primary");
      }
      var receivers = endReceivers(state, ended);
      if (receivers == 0 && state.startupIsIdle()) {
        // Whoever has slept since it was woken has looked once more, and has replayed what it
        // could.
        if (state.allReplayed()
            || (asleep.isPresent() && asleep.equals(woken.flatMap(ProcessId::sleep)))) {
          return new Attempt.Shut(end(sessions, state));
        }
        if (woken.isEmpty()) {
          woken = state.startup().filter(it -> it.signal(PosixCalls.SIGHUP));
        }
      }
      if (receivers > 0 && System.nanoTime() >= receiverUntil) {
        return notShut("the WAL receiver does not end");
      }
      // Paused is paused; a delay or a conflict may be over soon.
      if (receivers == 0 && (state.replayIsPaused() || System.nanoTime() >= replayUntil)) {
        var why = "replay does not come to its end, it waits for " + waiting(state);
        return new Attempt.NotShut(why, noted(before));
      }
      pause(began);
    }
  }

  /** Does of a fence what changes nothing. */
  static void rehearse(RunningPostmaster running, Endpoint server) {
    var receivers = ServerProcesses.walReceivers(running.process());
    receivers.forEach(ProcessId::sleep);
    var _ = running.process().signal(PosixCalls.NO_SIGNAL);
    var _ = PostmasterTurn.await(server, REPLAY_MIN);
  }

  /**
   * How many there are. Each is told once, and then is given the time to write down what it has.
   */
  private int endReceivers(State state, Set<ProcessId> told) {
    var receivers = new HashSet<>(ServerProcesses.walReceivers(running.process()));
    // One without a title yet.
    state
        .receiver()
        .flatMap(ProcessId::of)
        .filter(
            it -> it.parentPid().filter(parent -> parent == running.process().pid()).isPresent())
        .ifPresent(receivers::add);
    receivers.stream().filter(told::add).forEach(it -> it.signal(PosixCalls.SIGTERM));
    return receivers.size();
  }

  /**
   * Whether a position tells all: the server counts what was received only on the timeline that it
   * replays, so more than that was received on a later one.
   */
  private static boolean isWhole(Position end, State state) {
    return state.received().filter(it -> it.compareTo(end.lsn()) > 0).isEmpty();
  }

  /**
   * An end of the log now that no receiver is left, and none can be asked for any more; a part of a
   * record may be counted. A server that has not streamed since its start may hold any amount that
   * it has not replayed; one that has, had replayed all else before.
   */
  private Optional<Position> noted(State before) throws SQLException {
    // Asked again, as the receiver may have written something before it ended.
    var now = sessions.state();
    if (now.received().isEmpty()) {
      return Optional.empty();
    }
    var end = sessions.identify();
    if (isWhole(end, now)) {
      return Optional.of(end);
    }
    // A receiver changes its timeline only when the replaying process tells it to.
    var received = now.received().get();
    return before.receivedTimeline().map(timeline -> new Position(timeline, received));
  }

  /** The end of what a server without any source holds; empty: it still replays, or is about to. */
  static Optional<Position> replayed(FenceSessions sessions) throws SQLException {
    var state = sessions.state();
    return state.inRecovery() && state.startupIsIdle() && state.receiver().isEmpty()
        ? Optional.of(end(sessions, state))
        : Optional.empty();
  }

  /**
   * The end of the last whole record. A part of another may have been received, which nobody
   * confirmed to a client, and which does not count after a restart either.
   */
  private static Position end(FenceSessions sessions, State state) throws SQLException {
    var identified = sessions.identify();
    return new Position(identified.timeline(), state.replayed().orElse(identified.lsn()));
  }

  static String waiting(State state) {
    return state.startupWait().orElse("nothing");
  }

  static void pause(long began) {
    var late = System.nanoTime() - began > EARLY.toNanos();
    LockSupport.parkNanos((late ? LATE_POLL : POLL).toNanos());
  }

  private static Attempt notShut(String why) {
    return new Attempt.NotShut(why, Optional.empty());
  }
}
