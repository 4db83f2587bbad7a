package dev.matriarch.actors.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs one program of PostgreSQL to its end, never as root.
 *
 * <p>An interrupt of the calling thread cancels the operation: the program is ended, its children
 * with it.
 *
 * @param osUser the user to become when the agent runs as root; empty: the agent's own user
 * @param environment added to the agent's environment
 */
public record PgCommand(
    Optional<String> osUser, List<String> argv, Map<String, String> environment) {
  private static final int TAIL_LINES_MAX = 20;
  private static final int OUTPUT_LINES_MAX = 100_000;
  private static final Duration END_WAIT = Duration.ofSeconds(5);

  /** What a program left behind. */
  public sealed interface Result {
    /** It ended by itself. */
    record Exited(int code, String stdout, String stderrTail) implements Result {}

    /** It was still running after the time-out and has been ended. */
    record TimedOut(Duration after, String stderrTail) implements Result {}

    /** It could not be started, or the operation was cancelled. */
    record NotRun(String reason) implements Result {}
  }

  public static PgCommand of(Optional<String> osUser, List<String> argv) {
    return new PgCommand(osUser, argv, Map.of());
  }

  /** The argument list that runs a program as {@code osUser}; the pid stays that of the program. */
  public static List<String> asUser(Optional<String> osUser, List<String> argv) {
    var full = new ArrayList<String>();
    osUser.ifPresent(user ->
        full.addAll(
            List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups", "--")));
    full.addAll(argv);
    return List.copyOf(full);
  }

  public Result run(Duration timeout) {
    var builder = new ProcessBuilder(asUser(osUser, argv)).directory(Path.of("/").toFile());
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(environment);
    Process process;
    try {
      process = builder.start();
      process.getOutputStream().close();
    } catch (IOException e) {
      return new Result.NotRun("cannot run %s: %s".formatted(argv.getFirst(), e.getMessage()));
    }
    var stdout = new Lines(OUTPUT_LINES_MAX);
    var stderr = new Lines(TAIL_LINES_MAX);
    var out =
        Thread.ofVirtual()
            .start(() -> readLines(process.inputReader(StandardCharsets.UTF_8), stdout));
    var err =
        Thread.ofVirtual()
            .start(() -> readLines(process.errorReader(StandardCharsets.UTF_8), stderr));
    try {
      var ended = process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
      if (!ended) {
        end(process);
      }
      out.join(Duration.ofSeconds(5));
      err.join(Duration.ofSeconds(5));
      return ended
          ? new Result.Exited(process.exitValue(), stdout.joined(), stderr.joined())
          : new Result.TimedOut(timeout, stderr.joined());
    } catch (InterruptedException e) {
      end(process);
      Thread.currentThread().interrupt();
      return new Result.NotRun("cancelled: " + argv.getFirst());
    }
  }

  /** As {@link #run}, where only exit code 0 is success. */
  public Outcome runToSuccess(Duration timeout) {
    var program = Path.of(argv.getFirst()).getFileName();
    return switch (run(timeout)) {
      case Result.Exited(var code, var stdout, _) when code == 0 ->
          new Outcome.Done(stdout.strip());
      case Result.Exited(var code, _, var tail) ->
          new Outcome.Failed("%s exited with %d: %s".formatted(program, code, tail));
      case Result.TimedOut(var after, var tail) ->
          new Outcome.Failed("%s did not end within %s: %s".formatted(program, after, tail));
      case Result.NotRun(var reason) -> new Outcome.Failed(reason);
    };
  }

  /** Returns once they are gone: what they wrote may be removed next. */
  private static void end(Process process) {
    var all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    for (var handle : all) {
      handle.onExit().completeOnTimeout(handle, END_WAIT.toMillis(), TimeUnit.MILLISECONDS).join();
    }
  }

  private static void readLines(BufferedReader reader, Lines lines) {
    try (reader) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("output lost: " + e.getMessage());
    }
  }

  /** The newest lines of an output; the reader may still be adding when the caller gives up. */
  private static final class Lines {
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private final int max;

    Lines(int max) {
      this.max = max;
    }

    synchronized void add(String line) {
      lines.addLast(line);
      if (lines.size() > max) {
        lines.removeFirst();
      }
    }

    synchronized String joined() {
      return String.join("\n", lines);
    }
  }
}
