package dev.matriarch.multijvm.bench;

import dev.matriarch.multijvm.Distribution;
import dev.matriarch.multijvm.OsProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What figures depend on besides the code.
 *
 * @param processors that the JVM may use
 */
record Machine(String matriarch, String postgres, String java, String kernel, int processors) {
  static Machine here() {
    return new Machine(
        lastWord(OsProcess.require(List.of(Distribution.program().toString(), "--version"))),
        OsProcess.require(List.of("/usr/lib/postgresql/15/bin/postgres", "--version"))
            .replaceFirst("^.*PostgreSQL[^0-9]*([0-9.]+).*\\s*$", "$1")
            .strip(),
        Runtime.version().toString(),
        System.getProperty("os.version", "?"),
        Runtime.getRuntime().availableProcessors());
  }

  private static String lastWord(String text) {
    var stripped = text.strip();
    return stripped.substring(stripped.lastIndexOf(' ') + 1);
  }

  /** Processes that ran or waited, on average of 1, 5 and 15 minutes. */
  static List<Double> load() {
    try {
      var words = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
      return List.of(words).subList(0, 3).stream().map(Double::valueOf).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text() {
    return "Matriarch %s, PostgreSQL %s, Java %s, Linux %s, %d processors"
        .formatted(matriarch, postgres, java, kernel, processors);
  }
}
