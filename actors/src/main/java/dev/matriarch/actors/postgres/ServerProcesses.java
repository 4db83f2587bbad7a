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
          .flatMap(child -> ProcessId.of(Integer.parseInt(child)).stream())
          .filter(child -> child.parentPid().filter(it -> it == parent.pid()).isPresent())
          .toList();
    } catch (IOException e) {
      // A kernel without this list.
      return all().stream()
          .filter(child -> child.parentPid().filter(it -> it == parent.pid()).isPresent())
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
   * Kills the orphans of a directory and waits until they are gone.
   *
   * @return how many there were
   * @throws IllegalStateException if one does not go away, as when its disk hangs
   */
  static int killOrphans(Path dataDir) {
    var orphans = orphans(dataDir);
    orphans.forEach(orphan -> orphan.signal(PosixCalls.SIGKILL));
    var until = System.nanoTime() + END_TIMEOUT.toNanos();
    for (var orphan : orphans) {
      while (orphan.alive()) {
        if (System.nanoTime() >= until) {
          throw new IllegalStateException(
              "process %d of a server that has ended cannot be killed; is its disk hanging?"
                  .formatted(orphan.pid()));
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
    return orphans.size();
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
