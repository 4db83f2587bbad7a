package dev.matriarch.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Processes of this host: signals, and whose they are. */
public final class OsProcess {
  private OsProcess() {}

  /**
   * Sends a signal.
   *
   * @param signal its name, {@code KILL} for example
   */
  public static void signal(String signal, long... pids) {
    if (pids.length > 0) {
      run(
          Stream.concat(
                  Stream.of("kill", "-" + signal), LongStream.of(pids).mapToObj(Long::toString))
              .toList());
    }
  }

  public static boolean lives(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
    } catch (IOException ended) {
      return false;
    }
  }

  /** The command line, as {@code ps} shows it; empty when the process has ended. */
  public static String title(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")).replace('\0', ' ');
    } catch (IOException ended) {
      return "";
    }
  }

  /**
   * The processes that work in this folder or were given something in it: nobody else's, since its
   * name is unique.
   */
  public static long[] of(Path folder) {
    return ProcessHandle.allProcesses()
        .mapToLong(ProcessHandle::pid)
        .filter(pid -> pid != ProcessHandle.current().pid())
        .filter(pid -> isIn(pid, folder))
        .toArray();
  }

  /** Kills all that belong to the folder, and what was born meanwhile. */
  static void killAll(Path folder) {
    Await.until(
        "the end of all processes of " + folder,
        Duration.ofSeconds(20),
        () -> {
          var left = of(folder);
          signal("KILL", left);
          return left.length == 0;
        });
  }

  private static boolean isIn(long pid, Path folder) {
    var process = Path.of("/proc", Long.toString(pid));
    if (!lives(pid)) {
      return false;
    }
    try {
      if (Files.readSymbolicLink(process.resolve("cwd")).startsWith(folder)) {
        return true;
      }
    } catch (IOException ended) {
      return false;
    }
    try {
      var arguments =
          new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
      return arguments.contains(folder + "/");
    } catch (IOException ended) {
      return false;
    }
  }

  /** Runs a short command and gives what it printed; whether it succeeded is not looked at. */
  public static String run(List<String> command) {
    return finish(command).output();
  }

  /**
   * As {@link #run}.
   *
   * @throws IllegalStateException if it fails
   */
  public static String require(List<String> command) {
    var end = finish(command);
    if (end.status() != 0) {
      throw new IllegalStateException(
          "%s ended with status %d: %s".formatted(command, end.status(), end.output()));
    }
    return end.output();
  }

  private record End(int status, String output) {}

  private static End finish(List<String> command) {
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new End(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
