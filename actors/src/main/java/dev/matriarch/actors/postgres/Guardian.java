package dev.matriarch.actors.postgres;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The agent's hand on the guardian process, which is the parent of the postmaster and stops it
 * before the lease ends, also when the agent is dead or frozen.
 *
 * <p>Deadlines are points in time of {@link HostClock}, never remaining times: a pause between
 * working one out and its arrival cannot prolong a lease. Telling never blocks. When the guardian
 * itself dies PostgreSQL goes on unwatched: {@link #hasEnded} says so at once; one that is stopped
 * or starved leaves its pipe unread, which {@link #isDeaf} says. {@link #adopt} puts a new one in
 * place of either.
 *
 * <p>The guardian may be of another version than the agent, since it lives as long as its
 * PostgreSQL. The meaning of a line never changes, and a line that is unknown is ignored.
 */
public final class Guardian implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(3);
  // Killed is enough: it does nothing any more, even where the kernel cannot take it away yet.
  private static final Duration END_TIMEOUT = Duration.ofMillis(200);
  private static final Duration LOG_TIMEOUT = Duration.ofSeconds(1);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  // The guardian takes times farther ahead for a mistake in the unit.
  private static final Duration FARTHEST = Duration.ofDays(1);
  private static final String NAME = "guardian";
  private static final String PID_FILE = "guardian.pid";
  private static final String PIPE = "guardian.fifo";

  /** What became of a line for the guardian. */
  public enum Told {
    /** It is in the pipe. */
    DELIVERED,
    /** The time is over already; nothing was written. */
    PAST,
    /** The pipe is full: the guardian does not read, it is stopped or starved. */
    STUCK,
    /** The guardian has ended. */
    GONE
  }

  /** How putting a guardian in place ended. */
  public sealed interface Start {
    record Watching(Guardian guardian) implements Start {}

    /** There is no guardian now, and no postmaster was started; {@code reason} is for the log. */
    record NotStarted(String reason) implements Start {}
  }

  /** The first protocol that knows the watchdog device. */
  private static final int WITH_WATCHDOG = 2;

  private record Pair(ProcessId guardian, ProcessId postmaster, int protocol) {}

  private final ProcessId process;
  private final ProcessId postmaster;
  private final CompletableFuture<ProcessId> postmasterExit;
  private final CompletableFuture<ProcessId> exit;
  private final int protocol;
  private final int fd;
  private final Attention attention = new Attention();
  private boolean closed;

  private Guardian(Pair pair, int fd) {
    this.process = pair.guardian;
    this.postmaster = pair.postmaster;
    this.protocol = pair.protocol;
    this.fd = fd;
    this.postmasterExit = ProcessExit.watch(pair.postmaster);
    this.exit = ProcessExit.watch(pair.guardian);
  }

  /** Starts a postmaster with its guardian. The postmaster need not accept connections yet. */
  public static Start start(PostmasterLaunch launch) {
    var arguments = new ArrayList<String>();
    arguments.add("--");
    arguments.addAll(launch.command());
    return find(launch.home().controlDir())
        .filter(old -> !isLeaving(old))
        .<Start>map(old ->
            new Start.NotStarted(
                "the guardian %d still watches the postmaster %d"
                    .formatted(old.process.pid(), old.postmaster.pid())))
        .orElseGet(() ->
            run(
                launch.home(),
                launch.firstDeadlineBootMillis(),
                arguments,
                launch.wholeEnvironment(System.getenv())));
  }

  /**
   * Puts a guardian over a postmaster that runs without one. A guardian that is in place but does
   * not listen any more is ended first: it would go on by an old deadline.
   *
   * @param deadlineBootMillis needed when the postmaster runs as a primary
   */
  public static Start adopt(
      GuardianHome home, ProcessId postmaster, Optional<Long> deadlineBootMillis) {
    living(home.controlDir()).map(Pair::guardian).ifPresent(Guardian::end);
    // One whose control directory was lost is still the parent.
    postmaster
        .parentPid()
        .filter(parent -> ProcessId.nameOf(parent).filter(NAME::equals).isPresent())
        .flatMap(ProcessId::of)
        .ifPresent(Guardian::end);
    var arguments =
        List.of(
            "--adopt", Integer.toString(postmaster.pid()), Long.toString(postmaster.startTicks()));
    return run(home, deadlineBootMillis, arguments, System.getenv());
  }

  /** Takes over the pipe of the living guardian that an earlier agent has left behind. */
  public static Optional<Guardian> find(Path controlDir) {
    return living(controlDir).flatMap(pair -> connect(controlDir, pair));
  }

  /**
   * Says when the lease ends. The newest time counts, be it later or earlier.
   *
   * @throws IllegalArgumentException if it is more than a day ahead, which is a wrong unit
   */
  public Told setDeadline(long bootMillis) {
    var now = HostClock.bootMillis();
    if (bootMillis > now + FARTHEST.toMillis()) {
      throw new IllegalArgumentException(
          "a deadline at %d ms, now is %d ms: more than a day ahead".formatted(bootMillis, now));
    }
    return bootMillis <= now ? Told.PAST : tell("deadline " + bootMillis);
  }

  /** Says that there is no lease to watch: a standby, or the operator has paused the cluster. */
  public Told clearDeadline() {
    return tell("none");
  }

  /** Only finds out whether the guardian is there. */
  public Told ping() {
    return tell("ping");
  }

  /**
   * Names the watchdog device that the guardian holds as long as it has a deadline.
   *
   * @param firesAfter the last write
   * @param later than the deadline by so much it may fire; it is written to only so long
   * @see #knowsWatchdog
   */
  Told holdWatchdog(Path device, Duration firesAfter, Duration later) {
    return tellIfOpen(
        "watchdog %d %d %s"
            .formatted(firesAfter.toMillis(), later.toMillis(), device.toAbsolutePath()));
  }

  /** Lets go of the device. */
  Told releaseWatchdog() {
    return tellIfOpen("watchdog off");
  }

  /** Whether this guardian is of a version that can hold a device. */
  boolean knowsWatchdog() {
    return protocol >= WITH_WATCHDOG;
  }

  /** Whether the guardian has this file open now. */
  boolean hasOpen(Path file) {
    try (var open = Files.list(Path.of("/proc", Integer.toString(process.pid()), "fd"))) {
      var target = file.toRealPath();
      return open.anyMatch(it -> {
        try {
          return Files.readSymbolicLink(it).equals(target);
        } catch (IOException closedMeanwhile) {
          return false;
        }
      });
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  public boolean alive() {
    return process.alive();
  }

  /** As {@link #alive}, without a look into /proc: the kernel says when it ends. */
  public boolean hasEnded() {
    return exit.isDone();
  }

  /** Whether it has left its pipe unread for so long that it is stopped, or starved. */
  public synchronized boolean isDeaf() {
    return !closed
        && attention.isLostAt(PosixCalls.unread(fd), Duration.ofNanos(HostClock.bootNanos()));
  }

  public ProcessId process() {
    return process;
  }

  public ProcessId postmaster() {
    return postmaster;
  }

  /** Completed when the postmaster has ended. */
  public CompletableFuture<ProcessId> postmasterExit() {
    return postmasterExit;
  }

  /** Waits until what an ended PostgreSQL printed is in its log, or for a moment at most. */
  void awaitLogs() {
    var _ = awaitEnd(process, LOG_TIMEOUT);
  }

  /** Lets go of the pipe; the guardian goes on. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      PosixCalls.close(fd);
    }
  }

  /** For another thread than the one that lets go. */
  private synchronized Told tellIfOpen(String line) {
    return closed ? Told.GONE : tell(line);
  }

  private synchronized Told tell(String line) {
    if (closed) {
      throw new IllegalStateException("this hand on the guardian has been closed");
    }
    // Shorter than PIPE_BUF, so it is written as a whole or not at all.
    var result = PosixCalls.write(fd, line + "\n");
    if (result > 0) {
      attention.spoken(Duration.ofNanos(HostClock.bootNanos()));
      return Told.DELIVERED;
    }
    if (result == -PosixCalls.EAGAIN) {
      return Told.STUCK;
    }
    if (result == -PosixCalls.EPIPE) {
      return Told.GONE;
    }
    throw new IllegalStateException("cannot write to the guardian's pipe, errno " + -result);
  }

  private static Start run(
      GuardianHome home,
      Optional<Long> deadline,
      List<String> arguments,
      Map<String, String> environment) {
    var unfit = home.prepare();
    if (unfit.isPresent()) {
      return new Start.NotStarted(unfit.get());
    }
    var argv =
        new ArrayList<>(
            List.of(
                "setsid",
                "--",
                home.program().toAbsolutePath().toString(),
                "--control",
                home.controlDir().toString(),
                "--data",
                home.dataDir().toString()));
    deadline.ifPresent(millis -> argv.addAll(List.of("--deadline", Long.toString(millis))));
    argv.addAll(arguments);
    var builder =
        new ProcessBuilder(argv)
            .directory(new File("/"))
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.log().toFile()))
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      Files.deleteIfExists(home.controlDir().resolve(PID_FILE));
      return awaitStart(home, builder.start());
    } catch (IOException e) {
      return new Start.NotStarted("cannot start the guardian: " + e.getMessage());
    }
  }

  /** Not interruptible: this takes milliseconds, and half a start would be a server unwatched. */
  private static Start awaitStart(GuardianHome home, Process started) {
    var until = System.nanoTime() + START_TIMEOUT.toNanos();
    while (System.nanoTime() < until) {
      var pair = living(home.controlDir()).filter(p -> p.guardian.pid() == started.pid());
      var guardian = pair.flatMap(p -> connect(home.controlDir(), p));
      if (guardian.isPresent()) {
        return new Start.Watching(guardian.get());
      }
      if (!started.isAlive()) {
        return new Start.NotStarted(
            "the guardian ended with status %d: %s"
                .formatted(started.exitValue(), GuardianHome.tail(home.log())));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    // A postmaster that it may have started is not left behind unwatched.
    started.descendants().forEach(ProcessHandle::destroyForcibly);
    started.destroyForcibly();
    return new Start.NotStarted("the guardian did not start within " + START_TIMEOUT);
  }

  /** One whose postmaster has ended goes by itself; it is given the time. */
  private static boolean isLeaving(Guardian old) {
    old.close();
    return !old.postmaster.alive() && awaitEnd(old.process, LEAVE_TIMEOUT);
  }

  private static boolean awaitEnd(ProcessId process, Duration timeout) {
    var until = System.nanoTime() + timeout.toNanos();
    while (process.alive() && System.nanoTime() < until) {
      LockSupport.parkNanos(POLL_NANOS);
    }
    return !process.alive();
  }

  private static void end(ProcessId guardian) {
    guardian.signal(PosixCalls.SIGKILL);
    var _ = awaitEnd(guardian, END_TIMEOUT);
  }

  private static Optional<Guardian> connect(Path controlDir, Pair pair) {
    var fd = PosixCalls.openForWriting(controlDir.resolve(PIPE).toString());
    return fd < 0 ? Optional.empty() : Optional.of(new Guardian(pair, fd));
  }

  private static Optional<Pair> living(Path controlDir) {
    try {
      var words = Files.readString(controlDir.resolve(PID_FILE)).strip().split(" ", -1);
      var pair =
          new Pair(
              new ProcessId(Integer.parseInt(words[0]), Long.parseLong(words[1])),
              new ProcessId(Integer.parseInt(words[2]), Long.parseLong(words[3])),
              words.length > 4 ? Integer.parseInt(words[4]) : 1);
      return Optional.of(pair).filter(p -> p.guardian.alive());
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }
}
