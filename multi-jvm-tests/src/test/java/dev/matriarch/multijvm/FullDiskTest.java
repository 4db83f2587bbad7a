package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.fault.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The disk of the leader's WAL is full, and a slot whose client is gone keeps what could be reused:
 * PostgreSQL crashes, and cannot go on after its restart. The others have room.
 */
class FullDiskTest {
  /** The smallest that can be set. */
  private static final Duration LEADS_AT_LEAST = Duration.ofSeconds(10);

  /**
   * Once it may go: the start that is under way, the pause after it, the room that is measured, an
   * election and a promotion. A machine with nothing else to do needs one or two.
   */
  private static final Duration HAND_OVER = Duration.ofSeconds(6);

  /** A crash, and two starts that fail, two seconds apart. */
  private static final Duration SECOND_CRASH = Duration.ofSeconds(10);

  /** More than a server keeps for reuse. */
  private static final int SEGMENTS = 40;

  @Test
  void aNewLeaderStaysOnAFullDiskForAWhileAndThenHandsOverToWhoHasRoom() throws Exception {
    try (var cluster = cluster("hand_over")) {
      var disks = disks(cluster);
      try (var trial = Trial.on(cluster)) {
        cluster.awaitQuorum(cluster.leader(), 2);
        var asked = System.nanoTime();
        var old = switchOver(cluster);
        var led = System.nanoTime();
        var timeline = cluster.timeline();
        cluster.awaitQuorum(old, 2);
        var full = System.nanoTime();
        fill(cluster, old, disks.get(cluster.number(old) - 1), "it has led for less than 10 s");
        var others = cluster.others(old);
        cluster.await(
            "a row written to another node",
            LEADS_AT_LEAST.plusSeconds(20),
            () -> trial.writes().firstSince(others, full).isPresent());
        var first = trial.writes().firstSince(others, full).orElseThrow();
        var next = cluster.awaitPrimary(others, HAND_OVER);
        System.out.printf(
            "disk full: another node wrote after %d ms, and %d ms after it had begun to lead%n",
            (first.acknowledged() - full) / 1_000_000, (first.acknowledged() - led) / 1_000_000);
        assertThat(Duration.ofNanos(first.begun() - asked)).isGreaterThan(LEADS_AT_LEAST);
        assertThat(Duration.ofNanos(first.acknowledged() - Math.max(led, full)))
            .isLessThan(LEADS_AT_LEAST.plus(HAND_OVER));
        assertThat(next.rest().get("/history").body())
            .contains("PostgreSQL crashes, and the disk of its WAL is full");
        disks.get(cluster.number(old) - 1).makeRoom();
        trial.judge();
        assertThat(cluster.leader()).isEqualTo(next);
        assertThat(cluster.timeline()).isEqualTo(timeline + 1);
        assertThat(old.query("SELECT pg_is_in_recovery()")).containsExactly("t");
        assertDataAreKept(old);
      }
    }
  }

  @Test
  void aLeaderThatIsToStayOnAFullDiskServesAgainOnceThereIsRoom() throws Exception {
    try (var cluster = cluster("stay")) {
      var disks = disks(cluster);
      try (var trial = Trial.on(cluster)) {
        var leader = cluster.leader();
        var timeline = cluster.timeline();
        var disk = disks.get(cluster.number(leader) - 1);
        cluster.awaitQuorum(leader, 2);
        var full = System.nanoTime();
        fill(cluster, leader, disk, "it stays, as on_disk_full says: make room");
        Await.holdsFor(
            LEADS_AT_LEAST.plus(HAND_OVER).minusNanos(System.nanoTime() - full),
            () -> cluster.others(leader).stream().noneMatch(it -> it.rest().isPrimary()),
            cluster::state);
        var room = System.nanoTime();
        disk.makeRoom();
        cluster.await(
            "a row written to " + leader,
            HAND_OVER,
            () -> trial.writes().firstSince(List.of(leader), room).isPresent());
        trial.judge();
        assertThat(cluster.leader()).isEqualTo(leader);
        assertThat(cluster.timeline()).isEqualTo(timeline);
        assertDataAreKept(leader);
      }
    }
  }

  private static TestCluster cluster(String onDiskFull) {
    var settings =
        TestCluster.quorumMode()
            .with("on_disk_full", onDiskFull)
            .with("disk_full_leads_at_least", Long.toString(LEADS_AT_LEAST.toSeconds()));
    return TestCluster.onLoopback("full-disk-" + onDiskFull, 3, settings);
  }

  /** In the order of the nodes, which are then started. */
  private static List<SmallDisk> disks(TestCluster cluster) {
    var disks = cluster.nodes().stream().map(SmallDisk::under).toList();
    cluster.whenItEnds(
        () -> disks.forEach(SmallDisk::thawForGood), () -> disks.forEach(SmallDisk::remove));
    cluster.startAll();
    return disks;
  }

  /** Returns who leads from now on. */
  private static JvmNode switchOver(TestCluster cluster) {
    var leader = cluster.leader();
    var candidate = cluster.others(leader).getFirst();
    var answer =
        leader
            .rest()
            .post(
                "/switchover",
                "{\"leader\": \"%s\", \"candidate\": \"%s\"}".formatted(leader, candidate),
                TestCluster.PATIENCE);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return candidate;
  }

  /**
   * Takes all room, and uses up what WAL has already got, until the leader says what it makes of
   * that. A crash may leave some room, on which PostgreSQL goes on for a while.
   */
  private static void fill(TestCluster cluster, JvmNode leader, SmallDisk disk, String why) {
    leader.execute("SELECT pg_create_physical_replication_slot('gone', true)");
    cluster.await(
        leader + " to say: " + why,
        SECOND_CRASH,
        () -> {
          disk.fill();
          useUp(leader);
          return leader.rest().get("/explain?format=text").body().contains(why);
        });
  }

  private static void useUp(JvmNode node) {
    for (var segment = 0; segment < SEGMENTS; segment++) {
      try {
        node.execute("SELECT pg_logical_emit_message(false, 'trial', ''), pg_switch_wal()");
      } catch (IllegalStateException crashed) {
        return;
      }
    }
  }

  /** What is there can be used, and a copy of it would need as much room again. */
  private static void assertDataAreKept(JvmNode node) throws IOException {
    try (var all = Files.list(node.folder())) {
      assertThat(all.map(it -> String.valueOf(it.getFileName())))
          .as("moved aside")
          .noneMatch(it -> it.endsWith(".replaced"));
    }
  }
}
