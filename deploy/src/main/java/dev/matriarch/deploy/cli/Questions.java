package dev.matriarch.deploy.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;

/** Asks the operator, on the terminal or wherever the input comes from. */
final class Questions {
  private final PrintWriter out;
  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));

  Questions(PrintWriter out) {
    this.out = out;
  }

  /**
   * A text.
   *
   * @param otherwise what an empty line means; it is shown
   */
  String text(String question, String otherwise) {
    var answer = line("%s [%s]: ".formatted(question, otherwise));
    return answer.isEmpty() ? otherwise : answer;
  }

  /** Yes or no; an empty line means no. */
  boolean confirm(String question) {
    while (true) {
      switch (line(question + " [y/N]: ").toLowerCase(Locale.ROOT)) {
        case "y", "yes" -> {
          return true;
        }
        case "n", "no", "" -> {
          return false;
        }
        default -> out.println("Error: invalid input");
      }
    }
  }

  private String line(String question) {
    out.print(question);
    out.flush();
    try {
      var answer = in.readLine();
      if (answer == null) {
        throw new CliFailure("nobody answers; use --force to go without questions");
      }
      return answer.strip();
    } catch (IOException failure) {
      throw new CliFailure("cannot read the answer: " + failure);
    }
  }
}
