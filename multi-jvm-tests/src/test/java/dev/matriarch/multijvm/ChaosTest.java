package dev.matriarch.multijvm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random faults for as long as one likes: {@code mvn verify -pl multi-jvm-tests -am
 * -Dtest=ChaosTest -Dsurefire.failIfNoSpecifiedTests=false -Dchaos.minutes=30}. The same {@code
 * -Dchaos.seed} gives the same faults; what comes of them is up to the machine.
 */
class ChaosTest {
  private enum Fault {
    CRASH,
    KILL_AGENT,
    FREEZE_AGENT,
    KILL_POSTGRES,
    STOP
  }

  @Test
  void afterEveryFaultTheClusterIsWholeAndNothingIsLost() {
    var minutes = Long.getLong("chaos.minutes", 0);
    assumeTrue(minutes > 0, "-Dchaos.minutes says how long");
    var seed = Long.getLong("chaos.seed", System.nanoTime());
    var random = new Random(seed);
    var end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
    try (var cluster = TestCluster.onLoopback("chaos", 3)) {
      cluster.startAll();
      for (var round = 1; System.nanoTime() < end; round++) {
        try (var trial = Trial.on(cluster)) {
          var fault = Fault.values()[random.nextInt(Fault.values().length)];
          var node = cluster.node(1 + random.nextInt(3));
          System.out.printf(
              "seed %d, round %d: %s of %s, leader %s%n",
              seed, round, fault, node, cluster.leader());
          trial.writes().expectLossOf(cluster.leader());
          strike(cluster, fault, node, Duration.ofMillis(random.nextInt(12_000)));
          trial.judge();
        }
      }
    }
  }

  private static void strike(TestCluster cluster, Fault fault, JvmNode node, Duration pause) {
    switch (fault) {
      case CRASH -> node.crash();
      case KILL_AGENT -> node.killAgent();
      case FREEZE_AGENT -> node.freezeAgent();
      case KILL_POSTGRES -> node.killPostmaster();
      case STOP -> node.stop(Duration.ofSeconds(60));
    }
    Await.holdsFor(pause, () -> true, cluster::state);
    if (fault == Fault.FREEZE_AGENT) {
      node.thawAgent();
    }
    cluster.startAll();
  }
}
