package dev.matriarch.persistence;

import static dev.matriarch.persistence.Samples.ALPHA;
import static dev.matriarch.persistence.Samples.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.persistence.file.FileDisk;
import dev.matriarch.persistence.file.FileInUseException;
import dev.matriarch.persistence.file.StateFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, each killed while it writes. */
final class KillTest {
  private static final int ROUNDS = 20;
  private static final int SAVES_MAX = 60;

  @TempDir Path directory;

  @Test
  void nothingAcknowledgedIsLostWhenTheWriterIsKilledTwentyTimes() throws Exception {
    var file = directory.resolve("state.json");
    var random = new Random(20);
    var known = 0L;
    for (var round = 1; round <= ROUNDS; round++) {
      var acknowledged = acknowledgedByAKilledWriter(file, known, 1 + random.nextInt(SAVES_MAX));
      try (var store = StateFile.open(new FileDisk(), file, SCOPE, ALPHA)) {
        // The one that was not acknowledged any more may have arrived.
        known = store.stored().state().promised().term();
        assertThat(known).as("round %d", round).isBetween(acknowledged, acknowledged + 1);
      }
    }
    assertThat(known).isGreaterThanOrEqualTo(ROUNDS);
  }

  @Test
  void aFileHeldByAnotherProcessIsRefusedWithItsNumberUntilItIsDead() throws Exception {
    var file = directory.resolve("state.json");
    var writer = start(file);
    try (var output = output(writer)) {
      assertThat(output.readLine()).isEqualTo("loaded 0");
      assertThatThrownBy(() -> StateFile.open(new FileDisk(), file, SCOPE, ALPHA))
          .isInstanceOf(FileInUseException.class)
          .hasMessageContaining("process " + writer.pid() + " holds " + file + ".lock");
    } finally {
      writer.destroyForcibly().waitFor();
    }
    StateFile.open(new FileDisk(), file, SCOPE, ALPHA).close();
  }

  /** The last term that was acknowledged, {@code known} or a later one. */
  private static long acknowledgedByAKilledWriter(Path file, long known, int saves)
      throws Exception {
    var writer = start(file);
    try (var output = output(writer)) {
      assertThat(output.readLine()).isEqualTo("loaded " + known);
      var last = known;
      for (var save = 0; save < saves; save++) {
        last = term(output.readLine());
      }
      // SIGKILL, and not by Process.destroyForcibly(), which would close the pipe with the last
      // lines.
      assertThat(writer.toHandle().destroyForcibly()).isTrue();
      for (var line = output.readLine(); line != null; line = output.readLine()) {
        last = term(line);
      }
      return last;
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private static long term(String line) {
    assertThat(line).matches("saved \\d+");
    return Long.parseLong(line.substring("saved ".length()));
  }

  private static Process start(Path file) throws IOException {
    var command =
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xmx64m",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            AcknowledgingWriter.class.getName(),
            file.toString());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static BufferedReader output(Process writer) {
    return writer.inputReader(StandardCharsets.UTF_8);
  }
}
