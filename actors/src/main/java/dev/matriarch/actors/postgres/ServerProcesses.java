package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The processes of a server besides the postmaster. A backend that is busy with a query outlives a
 * killed postmaster, and keeps its client, so they are ended with it.
 */
final class ServerProcesses {
  private static final Pattern LOGGER = Pattern.compile("postgres: (.*: )?logger[ \\x00]*");

  /** The activity that may follow is from walreceiver.c; what follows a role's name differs. */
  private static final Pattern WAL_RECEIVER =
      Pattern.compile(
          "postgres: (.*: )?walreceiver *(idle|(streaming|restarting at) [0-9A-F]+/[0-9A-F]+)?["
              + " \\x00]*");

  private static final Duration END_TIMEOUT = Duration.ofSeconds(5);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** One that ends passes through the kernel too, and a slow disk is no hanging one. */
  private static final Duration HELD_FOR = Duration.ofMillis(300);

  private ServerProcesses() {}

  /**
   * Kills a postmaster and its children. It is stopped first: then it forks no more, and the
   * numbers of its children stay theirs because it does not reap them.
   */
  static void killAll(ProcessId postmaster) {
    if (!postmaster.signal(PosixCalls.SIGSTOP)) {
      return;
    }
    for (var process : all()) {
      if (process.parentPid().filter(parent -> parent == postmaster.pid()).isPresent()) {
        process.signal(PosixCalls.SIGKILL);
      }
    }
    postmaster.signal(PosixCalls.SIGKILL);
  }

  /** The postmaster's children that receive write-ahead log. */
  static List<ProcessId> walReceivers(ProcessId postmaster) {
    return children(postmaster).stream()
        .filter(process ->
            process.commandLine().filter(line -> WAL_RECEIVER.matcher(line).matches()).isPresent())
        .toList();
  }

  static List<ProcessId> children(ProcessId parent) {
    var pid = Integer.toString(parent.pid());
    try {
      var listed = Files.readString(Path.of("/proc", pid, "task", pid, "children")).strip();
      return (listed.isEmpty() ? Stream.<String>of() : Stream.of(listed.split(" +", -1)))
          .flatMap(child -> ProcessId.childOf(parent, Integer.parseInt(child)).stream())
          .toList();
    } catch (IOException e) {
      // A kernel without this list.
      return all().stream()
          .flatMap(child -> ProcessId.childOf(parent, child.pid()).stream())
          .toList();
    }
  }

  /**
   * Those that work in this directory without a postmaster. The logger is not one of them: it has
   * no client, writes down what the others said last, and then ends by itself.
   */
  static List<ProcessId> orphans(Path dataDir) {
    if (RunningPostmaster.find(dataDir).isPresent()) {
      return List.of();
    }
    return named(RunningPostmaster.PROGRAM).stream()
        .filter(process -> process.commandLine().filter(ServerProcesses::isChildTitle).isPresent())
        .filter(process -> process.worksIn(dataDir))
        .toList();
  }

  /**
   * All that is left of the server of a directory, the postmaster included, where all of it was
   * killed and is held by the kernel ({@link ProcessId#isHeld}). Empty: nothing is left, or some of
   * it may run.
   */
  static List<ProcessId> held(Path dataDir) {
    var postmaster = RunningPostmaster.find(dataDir).map(RunningPostmaster::process);
    // Only a server that was killed leaves its lock file; without one there is no need to search.
    if (postmaster.filter(it -> !it.isHeld()).isPresent() || PidFile.read(dataDir).isEmpty()) {
      return List.of();
    }
    // A postmaster that was killed makes no more of them, so none can be missing here.
    var left =
        Stream.concat(
                postmaster.stream(),
                named(RunningPostmaster.PROGRAM).stream()
                    .filter(ServerProcesses::hasClients)
                    .filter(it -> it.worksIn(dataDir)))
            .distinct()
            .toList();
    return left.stream().allMatch(ProcessId::isHeld) ? left : List.of();
  }

  /**
   * Kills the orphans of a directory and waits until they are gone.
   *
   * @return how many there were
   * @throws IllegalStateException if one does not go away, as when its disk hangs
   */
  static int killOrphans(Path dataDir) {
    var orphans = orphans(dataDir);
    orphans.forEach(orphan -> orphan.signal(PosixCalls.SIGKILL));
    var left = awaitEnd(orphans, END_TIMEOUT);
    if (left.isEmpty()) {
      return orphans.size();
    }
    throw new IllegalStateException(
        "process %d of a server that has ended cannot be killed; is its disk hanging?"
            .formatted(left.getFirst().pid()));
  }

  /**
   * Waits for the end of processes that were killed; no longer than it takes to see that those that
   * are left are held by the kernel.
   *
   * @return who is left
   */
  static List<ProcessId> awaitEnd(List<ProcessId> killed, Duration timeout) {
    var began = System.nanoTime();
    var left = killed;
    while (true) {
      left = left.stream().filter(ProcessId::alive).toList();
      var waited = System.nanoTime() - began;
      if (left.isEmpty()
          || waited >= timeout.toNanos()
          || (waited >= HELD_FOR.toNanos() && left.stream().allMatch(ProcessId::isHeld))) {
        return left;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** As {@link #killOrphans}; empty if none is left, else why not. */
  static Optional<String> end(Path dataDir) {
    try {
      killOrphans(dataDir);
      return Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static boolean hasClients(ProcessId process) {
    return process.commandLine().filter(line -> !LOGGER.matcher(line).matches()).isPresent();
  }

  private static boolean isChildTitle(String commandLine) {
    return commandLine.startsWith("postgres: ") && !LOGGER.matcher(commandLine).matches();
  }

  private static List<ProcessId> all() {
    return pids(_ -> true);
  }

  /** There may be thousands of processes, and no primary meanwhile: of others one file is read. */
  private static List<ProcessId> named(String program) {
    return pids(pid -> ProcessId.nameOf(pid).filter(program::equals).isPresent());
  }

  private static List<ProcessId> pids(IntPredicate wanted) {
    try (var entries = Files.list(Path.of("/proc"))) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .mapToInt(Integer::parseInt)
          .filter(wanted)
          .boxed()
          .flatMap(pid -> ProcessId.of(pid).stream())
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalStateException("cannot list the processes in /proc: " + e.getMessage(), e);
    }
  }
}
