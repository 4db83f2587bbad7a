package dev.matriarch.deploy.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Prints once, or again and again until the program is interrupted. */
final class Watch {
  private static final double DEFAULT_SECONDS = 2;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  @Option(names = "-W", description = "Print again every two seconds.")
  private boolean watching;

  @Option(
      names = {"-w", "--watch"},
      paramLabel = "SECONDS",
      description = "Print again after so many seconds.")
  private Optional<Double> seconds = Optional.empty();

  void print(PrintWriter out, boolean timestamp, Supplier<String> text)
      throws InterruptedException {
    var pause = seconds.or(() -> watching ? Optional.of(DEFAULT_SECONDS) : Optional.empty());
    if (pause.filter(it -> it <= 0).isPresent()) {
      throw new CliFailure("--watch takes a number of seconds above 0");
    }
    if (pause.isEmpty()) {
      print(out, timestamp, text.get());
      return;
    }
    var onTerminal = Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    while (!Thread.interrupted()) {
      if (onTerminal) {
        out.print("\033[H\033[2J");
      }
      print(out, timestamp, orFailure(text));
      TimeUnit.NANOSECONDS.sleep((long) (pause.get() * 1e9));
    }
  }

  /** Agents come back: a watcher goes on when none answers. */
  private static String orFailure(Supplier<String> text) {
    try {
      return text.get();
    } catch (CliFailure failure) {
      return "Error: " + failure.getMessage();
    }
  }

  private static void print(PrintWriter out, boolean timestamp, String text) {
    if (timestamp) {
      out.println(LocalDateTime.now(ZoneId.systemDefault()).format(TIME));
    }
    out.println(text);
    out.flush();
  }
}
