package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.awaitStreaming;
import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.actors.postgres.StandbyFence.How;
import dev.matriarch.actors.postgres.StandbyFence.Result.Fenced;
import dev.matriarch.protocol.model.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** No commit is acknowledged behind a fence: a client writes while each of them goes up. */
@ExtendWith(ServerLogsOnFailure.class)
class StandbyFenceTest {
  private FencedPair pair;
  private Node a;
  private FencedNode b;

  @BeforeEach
  void open() throws Exception {
    pair = new FencedPair();
    a = pair.primary;
    b = pair.standby;
  }

  @AfterEach
  void close() throws Exception {
    pair.close();
  }

  @Test
  void aStreamingStandbyIsFencedInPlaceAndFollowsAgain() throws Exception {
    try (var writer = new SyncWriter(a, "b")) {
      writer.awaitMore(20);
      var postmaster = RunningPostmaster.find(b.node.dataDir()).orElseThrow().process();

      var fenced = b.fenced();

      assertThat(fenced.how()).isEqualTo(How.IN_PLACE);
      assertThat(postmaster.alive()).isTrue();
      assertThat(ServerProcesses.walReceivers(postmaster)).isEmpty();
      writer.assertNothingLost(fenced.position(), b.node);
      assertThat(b.position()).isEqualTo(fenced.position());
      assertThat(b.fenced().position()).isEqualTo(fenced.position());

      b.release(a);
      writer.awaitMore(20);
      assertThat(ServerProcesses.walReceivers(postmaster)).hasSize(1);
    }
  }

  @Test
  void aFenceInPlaceIsFast() throws Exception {
    try (var writer = new SyncWriter(a, "b")) {
      measure("connections kept", writer, true, 25);
      measure("connections opened", writer, false, 15);
    }
  }

  private void measure(String what, SyncWriter writer, boolean kept, int runs) throws Exception {
    var micros = new ArrayList<Long>();
    for (var run = 0; run < runs; run++) {
      writer.awaitMore(3);
      if (kept) {
        assertThat(b.fence.prepare()).isTrue();
      } else {
        b.fence.close();
      }
      var fenced = b.fenced();
      assertThat(fenced.how()).isEqualTo(How.IN_PLACE);
      assertThat(writer.acknowledged().at()).isLessThan(fenced.position().lsn());
      micros.add(fenced.took().toNanos() / 1_000);
      b.release(a);
      awaitStreaming(b.node, a);
    }
    micros.sort(null);
    System.out.printf(
        "fence in place, %s, n = %d: min %d, median %d, max %d us%n",
        what, runs, micros.getFirst(), micros.get(runs / 2), micros.getLast());
    // Much more than it takes on a quiet host, and much less than waiting for a retry interval
    // would.
    assertThat(micros.get(runs / 2)).as("median, us").isLessThan(kept ? 250_000 : 2_000_000);
  }

  @Test
  void whileReplayIsPausedTheStandbyIsStopped() throws Exception {
    try (var writer = new SyncWriter(a, "b")) {
      writer.awaitMore(5);
      b.node.execute("SELECT pg_wal_replay_pause()");
      eventually(() -> b.startupWaitsFor().equals("RecoveryPause"));
      // They are acknowledged, since they are on the standby's disk.
      writer.awaitMore(20);

      var fenced = b.fencedWhileHeld();

      assertThat(fenced.how()).isEqualTo(How.BY_STOP);
      writer.assertNothingLost(fenced.position(), b.node);
      assertThat(b.position()).isEqualTo(fenced.position());
      b.release(a);
      writer.awaitMore(20);
    }
  }

  @Test
  void whileAQueryHoldsReplayUpTheStandbyIsStopped() throws Exception {
    b.node.configure("max_standby_streaming_delay = -1", "hot_standby_feedback = off");
    b.node.execute("SELECT pg_reload_conf()");
    a.execute("CREATE TABLE old AS SELECT generate_series(1, 100) AS n");
    eventually(() -> b.node.query("SELECT to_regclass('old') IS NOT NULL").equals("t"));
    try (var reader = b.node.open();
        var statement = reader.createStatement();
        var writer = new SyncWriter(a, "b")) {
      writer.awaitMore(5);
      reader.setAutoCommit(false);
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      statement.execute("SELECT count(*) FROM old");
      a.execute("DELETE FROM old");
      a.execute("VACUUM old");
      eventually(() -> b.startupWaitsFor().equals("RecoveryConflictSnapshot"));
      writer.awaitMore(20);

      var fenced = b.fencedWhileHeld();

      assertThat(fenced.how()).isEqualTo(How.BY_STOP);
      writer.assertNothingLost(fenced.position(), b.node);
    }
  }

  @Test
  void aDelayedStandbyIsStoppedAndKeepsItsDelay() throws Exception {
    b.node.configure("recovery_min_apply_delay = '1h'");
    b.node.execute("SELECT pg_reload_conf()");
    try (var writer = new SyncWriter(a, "b")) {
      eventually(() -> b.startupWaitsFor().equals("RecoveryApplyDelay"));
      writer.awaitMore(20);

      var fenced = b.fencedWhileHeld();

      assertThat(fenced.how()).isEqualTo(How.BY_STOP);
      var last = writer.assertNothingBehind(fenced.position());
      assertThat(b.replayed()).isLessThan(fenced.position().lsn());
      assertThat(b.fenced())
          .extracting(Fenced::position, Fenced::how)
          .containsExactly(fenced.position(), How.BY_STOP);

      // An agent that starts later cannot know it; it must not take the replayed end for it.
      try (var later = b.newFence()) {
        assertThat(later.fence(FencedNode.IMPATIENT))
            .isInstanceOf(StandbyFence.Result.WithoutPosition.class);
      }
      b.node.configure("recovery_min_apply_delay = 0");
      b.node.execute("SELECT pg_reload_conf()");
      eventually(() -> b.startupWaitsFor().equals("RecoveryRetrieveRetryInterval"));
      assertThat(Long.parseLong(b.node.query("SELECT max(n) FROM written")))
          .isGreaterThanOrEqualTo(last.row());
    }
  }

  @Test
  void nothingComesFromTheArchiveEither() throws Exception {
    var archive = Files.createDirectory(b.node.home().resolve("archive"));
    PgFixture.own(archive);
    b.node.configure("restore_command = 'cp \"%s/%%f\" \"%%p\"'".formatted(archive));
    b.node.execute("SELECT pg_reload_conf()");
    try (var writer = new SyncWriter(a, "b")) {
      writer.awaitMore(20);

      var fenced = b.fenced();

      assertThat(fenced.how()).isEqualTo(How.IN_PLACE);
      writer.assertNothingLost(fenced.position(), b.node);
      a.execute("SET synchronous_commit = local; SELECT pg_switch_wal()");
      archive(a, archive);
      b.assertStays(fenced.position());
      b.restart();
      eventually(() -> b.startupWaitsFor().equals("RecoveryRetrieveRetryInterval"));
      b.assertStays(fenced.position());
    }
  }

  @Test
  void aStandbyThatWaitsForItsArchiveIsStopped() throws Exception {
    b.node.configure("restore_command = 'sleep 1000'");
    b.node.execute("SELECT pg_reload_conf()");
    // It asks the archive as soon as its stream has broken.
    eventually(() -> {
      ServerProcesses.walReceivers(postmaster()).forEach(it -> it.signal(PosixCalls.SIGTERM));
      return b.startupWaitsFor().equals("RestoreCommand");
    });
    var fenced = b.fencedWhileHeld();
    assertThat(fenced.how()).isEqualTo(How.BY_STOP);
    assertThat(b.position()).isEqualTo(fenced.position());
  }

  private static void archive(Node node, Path archive) throws IOException {
    try (var files = Files.list(node.dataDir().resolve("pg_wal"))) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var copy = archive.resolve(file.getFileName());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        PgFixture.own(copy);
      }
    }
  }

  @Test
  void aReceiverThatIsJustStartingDoesNotGetThrough() throws Exception {
    try (var writer = new SyncWriter(a, "b")) {
      for (var round = 0; round < 25; round++) {
        writer.awaitMore(1);
        assertThat(b.fence.prepare()).isTrue();
        b.fenced();
        b.release(a);
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(25_000_000));
        var fenced = b.fenced();
        writer.assertNothingLost(fenced.position(), b.node);
        b.release(a);
      }
    }
  }

  @Test
  void aStandbyThatTriesToReconnectIsFencedInPlace() throws Exception {
    try (var writer = new SyncWriter(a, "b")) {
      writer.awaitMore(20);
    }
    a.kill();
    eventually(() -> b.startupWaitsFor().equals("RecoveryRetrieveRetryInterval"));
    for (var round = 0; round < 10; round++) {
      b.release(a);
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(150_000_000));
      var fenced = b.fenced();
      assertThat(fenced.how()).isEqualTo(How.IN_PLACE);
      a.start();
      a.execute("SET synchronous_commit = local; CREATE TABLE more_%d (n int)".formatted(round));
      b.assertStays(fenced.position());
      a.kill();
    }
  }

  @Test
  void aCascadeGetsNoMoreThanTheFencedStandbyHolds() throws Exception {
    try (var c = new FencedNode(cascade());
        var writer = new SyncWriter(a, "b")) {
      writer.awaitMore(20);

      var fenced = b.fenced();

      assertThat(fenced.how()).isEqualTo(How.IN_PLACE);
      writer.assertNothingLost(fenced.position(), b.node);
      eventually(() -> c.position().equals(fenced.position()));
      a.execute("SET synchronous_commit = local; CREATE TABLE more AS SELECT 1 AS n");
      c.assertStays(fenced.position());

      b.release(a);
      writer.awaitMore(20);
      var leaf = c.fenced();
      assertThat(leaf.how()).isEqualTo(How.IN_PLACE);
      writer.awaitMore(20);
      assertThat(b.position()).isGreaterThan(leaf.position());
      assertThat(c.position()).isEqualTo(leaf.position());
    }
  }

  @Test
  void theBeginningOfARecordIsNotCounted() throws Exception {
    a.execute("CREATE TABLE bulk (n int, fill text)");
    a.execute("ALTER TABLE bulk ALTER fill SET STORAGE PLAIN");
    try (var connection = a.open();
        var insert =
            connection.prepareStatement(
                "INSERT INTO bulk SELECT 1, repeat('x', 7000) FROM generate_series(1, 300)")) {
      var more = new AtomicBoolean(true);
      var bulk =
          CompletableFuture.runAsync(
              () -> {
                try {
                  while (more.get()) {
                    insert.execute();
                  }
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              },
              Thread.ofPlatform()::start);
      var begun = 0;
      for (var round = 0; round < 8 || (begun == 0 && round < 40); round++) {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(60_000_000));
        var fenced = b.fenced();
        begun += received().compareTo(fenced.position().lsn()) > 0 ? 1 : 0;
        b.restart();
        b.assertStays(fenced.position());
        b.release(a);
        awaitStreaming(b.node, a);
      }
      more.set(false);
      bulk.orTimeout(PgFixture.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
      assertThat(begun).as("fences that found the log to end within a record").isPositive();
    }
  }

  private Lsn received() throws SQLException {
    return Lsn.parse(b.node.query("SELECT pg_last_wal_receive_lsn()"));
  }

  private Node cascade() throws Exception {
    var c = pair.fixture.copy("c", b.node);
    c.follow(b.node);
    c.start();
    eventually(() -> b.node.query("SELECT count(*) FROM pg_stat_replication").equals("1"));
    return c;
  }

  private ProcessId postmaster() {
    return RunningPostmaster.find(b.node.dataDir()).orElseThrow().process();
  }
}
