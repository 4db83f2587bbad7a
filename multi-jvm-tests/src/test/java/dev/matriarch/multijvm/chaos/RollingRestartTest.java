package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.matriarch.multijvm.Distribution;
import dev.matriarch.multijvm.Network;
import dev.matriarch.multijvm.chaos.check.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@code multi-jvm-tests/upgrade} does the same with agents of another build, or PostgreSQL. */
class RollingRestartTest {
  @Test
  void clientsNoticeNothingButTheLeaderThatHandsOver() throws IOException {
    assumeTrue(Network.isPossible(), "network namespaces need root and iproute2");
    var plan =
        new UpgradeRun.Plan(
            1, Mode.QUORUM, new Members(3, 0), Optional.empty(), Distribution.program(), false);
    var folder = Path.of(System.getProperty("basedir", ""), "target/upgrade/test");
    var result = UpgradeRun.run(plan, folder, System.out::println);
    assertThat(result.problems()).as("problems; see %s", folder).isEmpty();
    assertThat(result.stages()).as("agents and hand-over").hasSize(4);
  }
}
