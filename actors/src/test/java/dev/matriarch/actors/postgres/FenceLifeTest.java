package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.awaitStreaming;
import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.actors.postgres.StandbyFence.How;
import dev.matriarch.actors.postgres.StandbyFence.Result;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A fence over stops, starts, demotions and cancelled operations. */
@ExtendWith(ServerLogsOnFailure.class)
class FenceLifeTest {
  private static final Duration A_WHILE = Duration.ofMillis(400);

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
  void aFencedStandbyComesUpFencedHoweverItIsStarted() throws Exception {
    var fenced = b.fenced();
    a.execute("CREATE TABLE later AS SELECT 1 AS n");

    b.restart();
    b.assertStays(fenced.position());
    b.node.kill();
    b.node.start();
    b.assertStays(fenced.position());
    try (var agentStartedAgain = b.newFence()) {
      assertThat(FencedNode.fenced(agentStartedAgain.fence(FencedNode.LIMITS)).position())
          .isEqualTo(fenced.position());
    }

    var conf = new PgConf(b.node.dataDir(), TestInstance.BINARIES.version());
    var following = new PgConf.ServerRole.StandbyOf(Optional.of(b.conninfo(a)), Optional.empty());
    assertThat(conf.write(new TreeMap<>(), following)).isEqualTo(new PgConf.Result.Written(true));
    PgFixture.assertDone(new PgReload(b.node.dataDir()).run());
    eventually(() -> b.node.query("SELECT to_regclass('later') IS NOT NULL").equals("t"));
  }

  @Test
  void whatTheOperatorSetByAlterSystemDoesNotOpenTheFence() throws Exception {
    b.node.followByReload(a);
    b.node.execute("ALTER SYSTEM SET restore_command = 'false'");
    b.node.execute("SELECT pg_reload_conf()");
    awaitStreaming(b.node, a);

    var fenced = b.fenced();

    assertThat(fenced.how()).isEqualTo(How.IN_PLACE);
    a.execute("CREATE TABLE later AS SELECT 1 AS n");
    b.restart();
    b.assertStays(fenced.position());
  }

  @Test
  void aStoppedStandbyIsStartedFencedAndReplaysAllThatItReceived() throws Exception {
    b.node.execute("SELECT pg_wal_replay_pause()");
    a.execute(
        "CREATE TABLE bulk AS SELECT n, repeat('x', 8000) AS fill FROM generate_series(1, 100) n");
    a.execute("ALTER TABLE bulk ALTER fill SET STORAGE PLAIN");
    a.execute("INSERT INTO bulk SELECT n, repeat('y', 8000) FROM generate_series(1, 10000) n");
    var end = Lsn.parse(a.query("SELECT pg_current_wal_flush_lsn()"));
    eventually(
        () -> Lsn.parse(b.node.query("SELECT pg_last_wal_receive_lsn()")).compareTo(end) >= 0);
    var unreplayed = b.replayed().bytesBehind(end);
    assertThat(unreplayed).isGreaterThan(80_000_000L);
    b.node.kill();

    var fenced = b.fenced();

    assertThat(fenced.how()).isEqualTo(How.BY_START);
    assertThat(fenced.position().lsn()).isGreaterThanOrEqualTo(end);
    assertThat(b.replayed()).isEqualTo(fenced.position().lsn());
    assertThat(b.node.query("SELECT count(*) FROM bulk")).isEqualTo("10100");
    System.out.printf("fence by start with %d MB unreplayed: %s%n", unreplayed / 1_000_000, fenced);
  }

  @Test
  void aPrimaryIsStoppedAndBecomesAFencedStandby() throws Exception {
    try (var primary = new FencedNode(a);
        var writer = new SyncWriter(a, "b")) {
      writer.awaitMore(20);

      var fenced = primary.fenced();

      assertThat(fenced.how()).isEqualTo(How.BY_STOP);
      assertThat(a.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
      assertThat(writer.acknowledged().at()).isLessThan(fenced.position().lsn());
      assertThat(Long.parseLong(a.query("SELECT max(n) FROM written")))
          .isGreaterThanOrEqualTo(writer.acknowledged().row());
      primary.restart();
      assertThat(a.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
      assertThat(primary.position()).isEqualTo(fenced.position());
    }
  }

  @Test
  void aStoppedPrimaryIsStartedAsAFencedStandby() throws Exception {
    a.execute("CREATE TABLE t AS SELECT 1 AS n");
    var end = Lsn.parse(a.query("SELECT pg_current_wal_flush_lsn()"));
    a.kill();
    // Of a promotion that did not take place; with them it would never be consistent.
    PgFixture.assertDone(a.numbers().reserve(1, 4));
    try (var primary = new FencedNode(a)) {
      var fenced = primary.fenced();

      assertThat(fenced.how()).isEqualTo(How.BY_START);
      assertThat(fenced.position().timeline()).isEqualTo(1);
      assertThat(fenced.position().lsn()).isGreaterThanOrEqualTo(end);
      assertThat(a.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
    }
  }

  @Test
  void theNewTimelineOfAPositionIsTheOneThatWasReceived() throws Exception {
    try (var c = pair.another("c")) {
      assertThat(c.node.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
      c.node.execute("CREATE TABLE t AS SELECT 1 AS n");
      b.release(c.node);
      awaitStreaming(b.node, c.node);
      // What is inserted by now reaches the standby soon; what is flushed may end within a record.
      var end = new Position(2, Lsn.parse(c.node.query("SELECT pg_current_wal_insert_lsn()")));
      eventually(() -> b.replayed().compareTo(end.lsn()) >= 0);
      assertThat(b.node.query("SELECT to_regclass('t') IS NOT NULL")).isEqualTo("t");

      assertThat(b.fenced().position()).isGreaterThanOrEqualTo(end);
      var demoted = c.fenced();
      assertThat(demoted.position()).isGreaterThanOrEqualTo(end);
      assertThat(demoted.how()).isEqualTo(How.BY_STOP);
    }
  }

  @Test
  void aPromotionGoesOnWithTheConnectionsOfTheFence() throws Exception {
    var fenced = b.fenced();
    var handle = b.fence.handOver().orElseThrow();
    try (var superuser = handle.superuser()) {
      assertThat(handle.timeline()).isEqualTo(fenced.position().timeline());
      assertThat(
              new Promote(b.node.numbers(), new TreeSet<>(Set.of("c", "d")))
                  .run(superuser, handle.timeline(), 2, PgFixture.PATIENCE))
          .isInstanceOf(Promote.Result.Promoted.class);
      eventually(() -> walSenders(b.node).equals("0"));
      assertThat(b.node.query("SELECT string_agg(slot_name, ' ') FROM pg_replication_slots"))
          .as("standbys connect at once")
          .isEqualTo("c d");
    }
  }

  @Test
  void connectionsThatEndedWithAnEarlierServerAreOpenedAnew() throws Exception {
    assertThat(b.fence.prepare()).isTrue();
    b.restart();
    assertThat(b.fence.prepare()).as("a fence may have to be made any moment").isTrue();
    b.restart();
    var handle = b.fence.handOver().orElseThrow();
    try (var superuser = handle.superuser()) {
      assertThat(superuser.isValid(1)).isTrue();
      assertThat(handle.timeline()).isEqualTo(1);
    }
    b.node.stop();
    assertThat(b.fence.handOver()).isEmpty();
  }

  @Test
  void whatIsCancelledBeforeItBeganIsUntouched() throws Exception {
    var before = Files.readString(b.node.dataDir().resolve("postgresql.conf"));

    Thread.currentThread().interrupt();
    var result = b.fence.fence(FencedNode.LIMITS);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(result).isInstanceOf(Result.NotFenced.class);
    assertThat(Files.readString(b.node.dataDir().resolve("postgresql.conf"))).isEqualTo(before);
    awaitStreaming(b.node, a);
  }

  @Test
  void whatIsCancelledOnTheWayIsFenced() throws Exception {
    for (var afterMs = 0; afterMs <= 240; afterMs += 40) {
      try (var writer = new SyncWriter(a, "b")) {
        writer.awaitMore(5);
        b.node.execute("SELECT pg_wal_replay_pause()");
        eventually(() -> b.startupWaitsFor().equals("RecoveryPause"));
        writer.awaitMore(5);

        var result = cancelled(Duration.ofMillis(afterMs));

        assertThat(result).isNotInstanceOf(Result.NotFenced.class);
        var again = b.fenced();
        writer.assertNothingLost(again.position(), b.node);
        if (result instanceof Result.Fenced(var position, _, _, _)) {
          assertThat(again.position()).isEqualTo(position);
        }
      }
      b.release(a);
      awaitStreaming(b.node, a);
    }
  }

  /** As an actor cancels an operation: by an interrupt of the thread that carries it out. */
  private Result cancelled(Duration after) {
    var result = new CompletableFuture<Result>();
    var kept = new CompletableFuture<Boolean>();
    var began = new CompletableFuture<Long>();
    var interrupted = new CompletableFuture<@Nullable Void>();
    var operation =
        Thread.ofVirtual()
            .start(() -> {
              began.complete(System.nanoTime());
              // An interrupt at the very beginning may come before the first change, too.
              result.complete(b.fence.fenceAnyway(FencedNode.IMPATIENT));
              // One that comes later is of no interest.
              interrupted.join();
              kept.complete(Thread.currentThread().isInterrupted());
            });
    began.join();
    LockSupport.parkNanos(after.toNanos());
    operation.interrupt();
    interrupted.complete(null);
    var answer = result.join();
    assertThat(kept.join()).as("the interrupt is passed on").isTrue();
    return answer;
  }

  @Test
  void aHalfMadeCopyIsShutOffAndHoldsNothing() throws Exception {
    b.node.mark().set(RebuildMark.Work.CLONE, b.node.dataDir());

    var result = b.fence.fence(FencedNode.LIMITS);

    assertThat(result)
        .isInstanceOfSatisfying(
            Result.WithoutPosition.class, it -> assertThat(it.why()).contains("no data"));
    eventually(() -> walSenders(a).equals("0"));
    FencedNode.remains(A_WHILE, () -> walSenders(a).equals("0"));
    b.node.stop();
    assertThat(b.fence.fence(FencedNode.LIMITS)).isInstanceOf(Result.WithoutPosition.class);
    assertThat(RunningPostmaster.find(b.node.dataDir())).isEmpty();
  }

  @Test
  void aHungPostmasterIsKilled() throws Exception {
    var postmaster = RunningPostmaster.find(b.node.dataDir()).orElseThrow().process();
    try (var writer = new SyncWriter(a, "b")) {
      writer.awaitMore(5);
      assertThat(b.fence.prepare()).isTrue();
      postmaster.signal(PosixCalls.SIGSTOP);

      var fenced = FencedNode.fenced(b.fence.fence(FencedNode.IMPATIENT));

      assertThat(fenced.how()).isEqualTo(How.BY_STOP);
      assertThat(postmaster.alive()).isFalse();
      writer.assertNothingLost(fenced.position(), b.node);
    }
  }

  private static String walSenders(Node node) throws SQLException {
    return node.query("SELECT count(*) FROM pg_stat_replication");
  }
}
