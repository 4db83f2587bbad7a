package dev.matriarch.multijvm;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What the programs of this module have in common: {@code --help}, and status 2 with one line if
 * they are used wrongly.
 */
public abstract class Program implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "print this")
  @SuppressWarnings("UnusedVariable") // It is there to be found.
  private boolean help;

  /** Runs one, and ends the JVM with its status. */
  protected static void main(Program program, String[] words) {
    System.exit(
        new CommandLine(program)
            .setParameterExceptionHandler(Program::tellWrongUse)
            .execute(words));
  }

  private static int tellWrongUse(ParameterException wrong, String[] words) {
    wrong
        .getCommandLine()
        .getErr()
        .printf("error: %s%n(--help shows what there is)%n", wrong.getMessage());
    return 2;
  }

  protected final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** A line that is seen at once. */
  protected final void say(String line) {
    out().println(line);
    out().flush();
  }

  /**
   * Refuses a number out of range.
   *
   * @throws ParameterException if it is not between {@code min} and {@code max}
   */
  protected final void require(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw wrong("%s: %d is not between %d and %d".formatted(option, value, min, max));
    }
  }

  /** What to throw if the program is used wrongly. */
  protected final ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
