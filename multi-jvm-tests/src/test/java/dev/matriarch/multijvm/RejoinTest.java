package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Former primaries with WAL that the cluster has left behind, and data of somebody else. */
class RejoinTest {
  private static final TestCluster CLUSTER = TestCluster.onLoopback("rejoin", 3);

  @BeforeEach
  void startWhatIsDown() {
    CLUSTER.startAll();
  }

  @AfterAll
  static void end() {
    CLUSTER.close();
  }

  @Test
  void aFormerPrimaryWithWalOfItsOwnIsRewound() {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      var mark = old.logMark();
      trial.writes().expectLossOf(old);
      partWithWalOfItsOwn(old);
      old.start();
      trial.judge();
      assertThat(old.logSince(mark)).anyMatch(it -> it.contains("REWIND done"));
      assertThat(asideOf(old)).isEmpty();
    }
  }

  @Test
  void aFormerPrimaryThatCannotBeRewoundIsCopiedAndItsOldDataAreKept() throws IOException {
    try (var trial = Trial.on(CLUSTER)) {
      var old = CLUSTER.leader();
      var before = asideOf(old);
      var mark = old.logMark();
      trial.writes().expectLossOf(old);
      partWithWalOfItsOwn(old);
      // pg_rewind looks in it for the last checkpoint before the fork.
      removeWal(old.dataDir().resolve("pg_wal"));
      old.start();
      trial.judge();
      assertThat(old.logSince(mark)).anyMatch(it -> it.contains("CLONE done"));
      var aside = asideOf(old);
      assertThat(aside).hasSize(before.size() + 1);
      assertThat(aside).allSatisfy(it -> assertThat(it.resolve("PG_VERSION")).exists());
      assertThat(old.logSince(mark))
          .as("the log says where the old data are")
          .anyMatch(line ->
              aside.stream()
                  .filter(it -> !before.contains(it))
                  .anyMatch(it -> line.contains(it.toString())));
    }
  }

  @Test
  void aStandbyThatSomebodyPromotesIsCopiedAnewAndItsOldDataAreKept() {
    var leader = CLUSTER.awaitWhole();
    var standby = CLUSTER.others(leader).getFirst();
    var before = asideOf(standby);
    var mark = standby.logMark();
    standby.execute("SELECT pg_promote(false)");
    CLUSTER.await(
        "a copy in the log",
        Duration.ofSeconds(30),
        () -> standby.logSince(mark).stream().anyMatch(it -> it.contains("CLONE done")));
    assertThat(standby.logSince(mark)).anyMatch(it -> it.contains("promoted by hand"));
    assertThat(CLUSTER.awaitWhole()).isEqualTo(leader);
    assertThat(asideOf(standby)).hasSize(before.size() + 1);
  }

  @Test
  void dataOfAnotherClusterAreRefusedAndLeftAlone() throws IOException {
    var leader = CLUSTER.awaitWhole();
    var standby = CLUSTER.others(leader).getFirst();
    var mark = standby.logMark();
    standby.crash();
    var own = standby.dataDir().resolveSibling("own");
    Files.move(standby.dataDir(), own);
    ForeignData.make(standby);
    var control = Files.readAllBytes(standby.dataDir().resolve("global/pg_control"));
    standby.start();
    CLUSTER.await(
        "a refusal in the log",
        Duration.ofSeconds(20),
        () -> standby.logSince(mark).stream().anyMatch(it -> it.contains("of another cluster")));
    Await.holdsFor(
        Duration.ofSeconds(3),
        () -> !standby.isPostgresRunning() && !standby.rest().isPrimary(),
        CLUSTER::state);
    assertThat(Files.readAllBytes(standby.dataDir().resolve("global/pg_control")))
        .isEqualTo(control);
    assertThat(CLUSTER.leader()).isEqualTo(leader);
    standby.crash();
    ForeignData.delete(standby.dataDir());
    Files.move(own, standby.dataDir());
    standby.start();
    CLUSTER.awaitWhole();
  }

  /**
   * The leader is lost after its senders were frozen for a moment, so that it certainly holds WAL
   * that nobody else has; another node leads afterwards.
   */
  private static void partWithWalOfItsOwn(JvmNode old) {
    var others = CLUSTER.others(old);
    var senders =
        LongStream.of(OsProcess.of(old.dataDir()))
            .filter(pid -> OsProcess.title(pid).contains("walsender"))
            .toArray();
    assertThat(senders).hasSize(2);
    OsProcess.signal("STOP", senders);
    old.execute("CREATE TABLE left_behind AS SELECT generate_series(1, 1000) AS n");
    old.crash();
    var next = CLUSTER.awaitPrimary(others, Duration.ofSeconds(30));
    CLUSTER.awaitWhole(others);
    assertThat(next.query("SELECT to_regclass('left_behind')")).containsOnlyNulls();
  }

  private static void removeWal(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  private static List<Path> asideOf(JvmNode node) {
    try (var siblings = Files.list(node.folder())) {
      return siblings
          .filter(it -> it.getFileName().toString().startsWith("data."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
