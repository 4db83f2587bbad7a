package dev.matriarch.actors.postgres;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Starts the server below a guardian. The configuration files are in place already.
 *
 * <p>Starting and waiting are two steps, because a server may recover for longer than a lease
 * lasts: the caller holds the guardian in between and goes on telling it the deadline.
 *
 * @param commandLine parameters that ALTER SYSTEM must not override
 */
public record PgStart(
    GuardianHome home, PgBinaries binaries, OsUser user, SortedMap<String, String> commandLine) {
  static final String STANDBY_SIGNAL = "standby.signal";
  static final String RECOVERY_SIGNAL = "recovery.signal";
  private static final Duration POLL = Duration.ofMillis(10);

  /** How far a start has come. */
  public sealed interface Readiness {
    /** It accepts connections, or as a standby with {@code hot_standby} off would by its rules. */
    record Accepting() implements Readiness {}

    /** It still recovers; or the wait was cancelled by an interrupt, which stays set. */
    record NotYet(String reason) implements Readiness {}

    /** It has ended; {@code reason} has what it printed last. */
    record Ended(String reason) implements Readiness {}
  }

  /** Starts a server that cannot become a primary by itself. */
  public Guardian.Start asStandby() {
    return exists(STANDBY_SIGNAL)
        ? start(Optional.empty())
        : new Guardian.Start.NotStarted(
            "%s has no %s: it would start as a primary".formatted(home.dataDir(), STANDBY_SIGNAL));
  }

  /**
   * Starts a primary, or a server that recovers to a target and then becomes one.
   *
   * @param deadlineBootMillis the end of the lease by {@link HostClock}; too near: nothing is
   *     started
   */
  public Guardian.Start asPrimary(long deadlineBootMillis) {
    return exists(STANDBY_SIGNAL)
        ? new Guardian.Start.NotStarted(
            "%s has a %s: it would start as a standby".formatted(home.dataDir(), STANDBY_SIGNAL))
        : start(Optional.of(deadlineBootMillis));
  }

  private Guardian.Start start(Optional<Long> deadline) {
    return obstacle()
        .<Guardian.Start>map(Guardian.Start.NotStarted::new)
        .orElseGet(() -> {
          // Backends that outlived a killed postmaster would keep the shared memory in use.
          ServerProcesses.killOrphans(home.dataDir());
          return Guardian.start(
              new PostmasterLaunch(
                  home,
                  user,
                  argv(),
                  RunningPostmaster.ignoringStaleFile(home.dataDir()),
                  deadline));
        });
  }

  private Optional<String> obstacle() {
    var major = PgVersion.majorOf(home.dataDir());
    if (major.isEmpty()) {
      return Optional.of(
          "%s has no readable PG_VERSION: it is not a data directory, or its disk is not mounted"
              .formatted(home.dataDir()));
    }
    if (major.get() != binaries.version().major()) {
      return Optional.of(
          "%s belongs to PostgreSQL %d and the programs in %s are version %s; install PostgreSQL %d or set postgresql.bin_dir"
              .formatted(
                  home.dataDir(),
                  major.get(),
                  binaries.directory(),
                  binaries.version(),
                  major.get()));
    }
    return RunningPostmaster.find(home.dataDir())
        .map(running -> "a postmaster runs already, process " + running.process().pid());
  }

  private List<String> argv() {
    var argv = new ArrayList<String>();
    argv.add(binaries.program("postgres"));
    argv.add("-D");
    argv.add(home.dataDir().toString());
    commandLine.forEach((name, value) -> {
      argv.add("-c");
      argv.add(name + "=" + value);
    });
    return argv;
  }

  /** Waits until the server accepts connections or has ended; an interrupt ends only the wait. */
  public Readiness awaitReady(Guardian guardian, Duration timeout) {
    var until = System.nanoTime() + timeout.toNanos();
    var pid = guardian.postmaster().pid();
    while (!guardian.postmasterExit().isDone()) {
      var status =
          PidFile.read(home.dataDir())
              .filter(file -> file.pid() == pid)
              .map(PidFile::status)
              .orElse(PidFile.Status.UNKNOWN);
      if (status == PidFile.Status.READY || status == PidFile.Status.STANDBY) {
        return new Readiness.Accepting();
      }
      if (System.nanoTime() >= until) {
        return new Readiness.NotYet("PostgreSQL does not accept connections after " + timeout);
      }
      try {
        if (ProcessExit.await(guardian.postmasterExit(), POLL)) {
          break;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Readiness.NotYet("cancelled while PostgreSQL starts");
      }
    }
    guardian.awaitLogs();
    return new Readiness.Ended(
        "PostgreSQL ended while starting: " + GuardianHome.tail(home.serverLog()));
  }

  private boolean exists(String file) {
    return Files.exists(home.dataDir().resolve(file));
  }

  /** The files that make a server start in recovery. */
  static List<Path> signals(Path dataDir) {
    return List.of(dataDir.resolve(STANDBY_SIGNAL), dataDir.resolve(RECOVERY_SIGNAL));
  }
}
