package dev.matriarch.deploy.cli;

import dev.matriarch.deploy.Matriarch;
import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command line printed, and its exit status. */
record Invoked(int status, String out, String err) {
  static Invoked run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var status =
        Matriarch.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Invoked(status, out.toString(), err.toString());
  }
}
