package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A seed that somebody tells of is worth something only if it shows the same everywhere. */
class ReplayTest {
  private static final int SEEDS = 30;

  @Test
  void aSeedGivesTheSameWalkInEveryJvm() throws IOException, InterruptedException {
    var other =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ReplayTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var here = walks();
    List<String> there;
    try (var output = other.inputReader(StandardCharsets.UTF_8)) {
      there = output.readAllLines();
    }
    assertThat(other.waitFor()).isZero();
    assertThat(there).isEqualTo(here);
  }

  /** Prints what the walks were, for the JVM that started this one. */
  public static void main(String[] arguments) {
    walks().forEach(IO::println);
  }

  /** All that happened in each walk, as one number. */
  private static List<String> walks() {
    var walks = new ArrayList<String>();
    for (var seed = 0; seed < SEEDS; seed++) {
      var events = new ArrayList<String>();
      var _ = Walk.of(seed, Mutation.NONE, Optional.of(events::add));
      walks.add("seed %d: %d events, %08x".formatted(seed, events.size(), events.hashCode()));
    }
    return walks;
  }
}
