package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.fault.SmallDisk;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The disk of the leader takes no writes any more: its PostgreSQL can be killed, and does not go
 * away.
 */
class HungDiskTest {
  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(3);

  /** From the verdict until somebody else's first row: stop, release, election, promotion. */
  private static final Duration HAND_OVER = Duration.ofSeconds(6);

  @ParameterizedTest
  @ValueSource(strings = {"off", "quorum"})
  void aHungDiskCostsItsNodeTheLeadershipSoonAfterTheTimeout(String mode) {
    var settings =
        ClusterSettings.small(Duration.ofSeconds(5))
            .with("synchronous_mode", mode)
            .with("commit_timeout", Long.toString(COMMIT_TIMEOUT.toSeconds()));
    try (var cluster = TestCluster.onLoopback("hung-disk-" + mode, 3, settings)) {
      var disks = cluster.nodes().stream().map(SmallDisk::under).toList();
      cluster.whenItEnds(
          () -> disks.forEach(SmallDisk::thawForGood), () -> disks.forEach(SmallDisk::remove));
      cluster.startAll();
      hang(cluster, mode, it -> disks.get(cluster.number(it) - 1));
    }
  }

  private interface Disks {
    SmallDisk of(JvmNode node);
  }

  private static void hang(TestCluster cluster, String mode, Disks disks) {
    try (var trial = Trial.on(cluster)) {
      var old = cluster.leader();
      if (mode.equals("quorum")) {
        cluster.awaitQuorum(old, 2);
      }
      if (mode.equals("off")) {
        trial.writes().expectLossOf(old);
      }
      var hung = System.nanoTime();
      disks.of(old).freeze();
      var others = cluster.others(old);
      var next = cluster.awaitPrimary(others, Duration.ofSeconds(30));
      cluster.await(
          "a row written to " + next,
          Duration.ofSeconds(10),
          () -> trial.writes().firstSince(others, hung).isPresent());
      var first = trial.writes().firstSince(others, hung).orElseThrow();
      var took = Duration.ofNanos(first.acknowledged() - hung);
      System.out.printf("disk hung (%s): another node wrote after %d ms%n", mode, took.toMillis());
      disks.of(old).thaw();
      trial.judge();
      assertThat(took).isLessThan(COMMIT_TIMEOUT.plus(HAND_OVER));
      assertThat(cluster.leader()).isEqualTo(next);
      assertThat(next.rest().get("/history").body())
          .contains("no commit has succeeded for 3 s: a commit does not return");
    }
  }
}
