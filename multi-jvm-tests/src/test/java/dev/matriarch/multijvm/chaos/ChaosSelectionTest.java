package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.matriarch.multijvm.Network;
import dev.matriarch.multijvm.chaos.check.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A selection of chaos with a fixed seed: {@code -Dchaos.seconds} says how long, {@code
 * -Dchaos.seed} another one; {@code multi-jvm-tests/chaos} does it for as long as one likes.
 */
class ChaosSelectionTest {
  /** Of faults and recovery, in all clusters together; to begin and to end them takes the rest. */
  private static final long SECONDS = 240;

  private static final int CLUSTERS = 4;
  private static final long SEED = 1;

  /**
   * With a little more time a cluster comes about to where the next one begins, so that most kinds
   * of faults lead a round.
   */
  @ParameterizedTest(name = "{0}, {1} witnesses, from round {2}")
  @CsvSource({"QUORUM, 0, 1", "STRICT, 0, 15", "ASYNCHRONOUS, 0, 25", "QUORUM, 1, 1"})
  void afterEveryFaultTheClusterIsWholeAndAllThatClientsWereToldIsSo(
      Mode mode, int witnesses, int first) throws IOException {
    assumeTrue(Network.isPossible(), "network namespaces need root and iproute2");
    var time = Duration.ofSeconds(Long.getLong("chaos.seconds", SECONDS)).dividedBy(CLUSTERS);
    var settings =
        Settings.of(Long.getLong("chaos.seed", SEED), mode, new Members(3, witnesses), time)
            .from(first);
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
