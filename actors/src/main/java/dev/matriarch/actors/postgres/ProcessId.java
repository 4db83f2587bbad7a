package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One life of a process. A pid alone does not name it: when the process has ended, another may get
 * the number.
 *
 * @param startTicks field 22 of {@code /proc/PID/stat} (proc(5)): clock ticks from boot to start
 */
public record ProcessId(int pid, long startTicks) {
  // Fields 3, 4, 9 and 22, counted from the state, which follows the name in parentheses.
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int FLAGS = 6;
  private static final int START = 19;

  /** PF_EXITING (Linux, include/linux/sched.h): it is past its last instruction. */
  private static final long EXITING = 0x4;

  /** SIGKILL in a mask of signals. */
  private static final long KILL = 1L << (PosixCalls.SIGKILL - 1);

  private static final String SWITCHES = "voluntary_ctxt_switches:";

  private record Stat(char state, int parent, long flags, long startTicks) {
    /** A zombie holds a number and nothing else. */
    boolean runs() {
      return state != 'Z' && state != 'X';
    }
  }

  /** The running process that has this pid now. */
  public static Optional<ProcessId> of(int pid) {
    return stat(pid).filter(Stat::runs).map(stat -> new ProcessId(pid, stat.startTicks));
  }

  /** The running process that has this pid now, if it is a child of that one. */
  static Optional<ProcessId> childOf(ProcessId parent, int pid) {
    return stat(pid)
        .filter(stat -> stat.runs() && stat.parent == parent.pid)
        .map(stat -> new ProcessId(pid, stat.startTicks));
  }

  public boolean alive() {
    return of(pid).filter(this::equals).isPresent();
  }

  /** Empty when this process does not run. */
  Optional<Integer> parentPid() {
    return stat(pid).filter(stat -> stat.runs() && stat.startTicks == startTicks).map(Stat::parent);
  }

  /**
   * Sends a signal.
   *
   * @return whether it could be sent; false when the process has ended or belongs to somebody else
   */
  boolean signal(int signal) {
    return alive() && PosixCalls.kill(pid, signal) >= 0;
  }

  /**
   * Which sleep it is in: the number of times that it gave up its CPU (proc(5), {@code
   * voluntary_ctxt_switches}). Empty: it does not sleep.
   *
   * <p>A signal that it has not blocked ends a sleep before kill(2) returns to the sender; so a
   * sleep seen after that is a new one.
   */
  Optional<Long> sleep() {
    return stat(pid)
        .filter(stat -> stat.state == 'S' && stat.startTicks == startTicks)
        .flatMap(_ -> read("status"))
        .flatMap(text -> text.lines().filter(line -> line.startsWith(SWITCHES)).findFirst())
        .map(line -> Long.parseLong(line.substring(SWITCHES.length()).strip()));
  }

  /**
   * Whether it was killed and is held by the kernel, as while a disk that it waits for hangs: it is
   * in an uninterruptible sleep, with SIGKILL pending or taken. It never comes back to its program,
   * since a signal is taken before that, and this one cannot be blocked. The order of the two looks
   * counts: who sleeps after it was killed was in the kernel then.
   */
  boolean isHeld() {
    return isKilled()
        && stat(pid).filter(stat -> stat.startTicks == startTicks && stat.state == 'D').isPresent();
  }

  /** The first thread stands for all: a server's processes have no others. */
  private boolean isKilled() {
    return stat(pid).filter(stat -> (stat.flags & EXITING) != 0).isPresent()
        || read("status")
            .filter(text ->
                text.lines()
                    .filter(line -> line.startsWith("SigPnd:") || line.startsWith("ShdPnd:"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & KILL) != 0))
            .isPresent();
  }

  /** The name of a process's program as the kernel has it, at most 15 characters. */
  static Optional<String> nameOf(int pid) {
    return read(pid, "comm").map(String::strip);
  }

  /** The command line with NUL between the arguments; a server process writes its title there. */
  Optional<String> commandLine() {
    return read("cmdline");
  }

  /** Whether the working directory is this one, however it is written. */
  boolean worksIn(Path directory) {
    try {
      return Files.isSameFile(proc(pid, "cwd"), directory);
    } catch (IOException | SecurityException e) {
      return false;
    }
  }

  private Optional<String> read(String file) {
    return read(pid, file);
  }

  private static Optional<String> read(int pid, String file) {
    try {
      return Optional.of(Files.readString(proc(pid, file), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Path proc(int pid, String file) {
    return Path.of("/proc", Integer.toString(pid), file);
  }

  private static Optional<Stat> stat(int pid) {
    return read(pid, "stat")
        .map(text -> {
          var fields = text.substring(text.lastIndexOf(')') + 2).split(" ", START + 2);
          return new Stat(
              fields[STATE].charAt(0),
              Integer.parseInt(fields[PARENT]),
              Long.parseLong(fields[FLAGS]),
              Long.parseLong(fields[START]));
        });
  }
}
