package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.matriarch.multijvm.Network;
import dev.matriarch.multijvm.chaos.check.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A selection of chaos with a fixed seed: {@code -Dchaos.seconds} says how long, {@code
 * -Dchaos.seed} another one; {@code multi-jvm-tests/chaos} does it for as long as one likes.
 */
class ChaosSelectionTest {
  private static final long SECONDS = 30;
  private static final long SEED = 1;

  @Test
  void afterEveryFaultTheClusterIsWholeAndAllThatClientsWereToldIsSo() throws IOException {
    assumeTrue(Network.isPossible(), "network namespaces need root and iproute2");
    var settings =
        Settings.of(
            Long.getLong("chaos.seed", SEED),
            Mode.QUORUM,
            3,
            Duration.ofSeconds(Long.getLong("chaos.seconds", SECONDS)));
    var result =
        ChaosRun.run(
            settings,
            Path.of(System.getProperty("basedir", ""), "target/chaos"),
            System.out::println);
    System.out.println(result.table());
    assertThat(result.problems()).as("problems; see %s", result.folder()).isEmpty();
    assertThat(result.rounds()).isPositive();
  }
}
