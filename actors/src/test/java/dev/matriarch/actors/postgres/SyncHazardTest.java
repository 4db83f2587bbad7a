package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.SyncCluster.HASTY;
import static dev.matriarch.actors.postgres.SyncCluster.TIMING;
import static dev.matriarch.actors.postgres.SyncCluster.any;
import static dev.matriarch.actors.postgres.SyncCluster.inForce;
import static dev.matriarch.actors.postgres.SyncCluster.incarnation;
import static dev.matriarch.actors.postgres.SyncCluster.notYet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a change must not do, where PostgreSQL would. */
@ExtendWith(ServerLogsOnFailure.class)
class SyncHazardTest {
  private static final Incarnation B = incarnation("b", 2);
  private static final Incarnation C = incarnation("c", 3);
  private SyncCluster cluster;
  private Node primary;

  @BeforeEach
  void open() throws Exception {
    cluster = new SyncCluster();
    primary = cluster.primary;
  }

  @AfterEach
  void close() throws IOException {
    cluster.close();
  }

  /**
   * One walsender has read {@code ANY 1 (b)} and the other one still holds {@code ANY 2 (b, c)}:
   * then the first counts the second, and takes c's word for b's.
   */
  @Test
  void afterAPlainReloadOneCountsForAnother() throws Exception {
    try (var b = new LoudStandby(cluster, B, "b");
        var c = new LoudStandby(cluster, C, "c")) {
      var commit = commitThatOnlyHas(c, b);
      var old = flushedOf(B);
      SyncCluster.conf(primary).set("synchronous_standby_names", any(1, B).format());
      primary.execute("SELECT pg_reload_conf()");
      PgFixture.eventually(() -> {
        b.confirm(old.format());
        return commit.isDone();
      });
      assertThat(flushedOf(B)).as("b does not have what was acknowledged").isEqualTo(old);
      assertThat(flushedOf(C)).isGreaterThan(old);
    }
  }

  @Test
  void onTheWayFromTwoToOneNobodyCountsForAnother() throws Exception {
    try (var b = new LoudStandby(cluster, B, "b");
        var c = new LoudStandby(cluster, C, "c")) {
      var commit = commitThatOnlyHas(c, b);
      var old = flushedOf(B);
      var patient =
          new SyncInForce.Timing(
              Duration.ofSeconds(4), Duration.ofMillis(3_900), Duration.ofSeconds(5));
      var result =
          CompletableFuture.supplyAsync(
              () -> cluster.agent(patient).bring(any(1, B)), Thread::startVirtualThread);
      PgFixture.eventually(
          () -> primary.query("SHOW synchronous_standby_names").equals(any(2, B).format()));
      for (var i = 0; i < 50; i++) {
        b.confirm(old.format());
        primary.query("SELECT 1");
      }
      assertThat(commit).as("b does not have it").isNotDone();
      assertThat(flushedOf(B)).isEqualTo(old);
      assertThat(notYet(result.get())).contains("still counts");
      assertThat(commit).isNotDone();
    }
    cluster.thaw();
  }

  /** Both are waited for, only one has it, and what serves that one does not look any more. */
  private CompletableFuture<Void> commitThatOnlyHas(LoudStandby ahead, LoudStandby behind)
      throws Exception {
    bringAnswering(cluster.agent(TIMING), any(2, B, C), behind, ahead);
    var old = flushedOf(B);
    var commit = SyncInForceTest.write(primary);
    awaitWaiting(primary);
    ahead.confirm(primary.query("SELECT pg_current_wal_flush_lsn()"));
    PgFixture.eventually(() -> flushedOf(C).compareTo(old) > 0);
    cluster.freeze(cluster.sender(C));
    assertThat(commit).isNotDone();
    return commit;
  }

  @Test
  void writerLosesNothingThatWasAcknowledgedOnceTheSettingIsInForce() throws Exception {
    var b = cluster.standby("b", B);
    var c = cluster.standby("c", C);
    var acknowledged = new ConcurrentSkipListSet<Integer>();
    var stopped = new AtomicBoolean();
    var writer = write(acknowledged, stopped);
    PgFixture.eventually(() -> acknowledged.size() > 20);

    inForce(cluster.agent(TIMING).bring(any(1, B, C)));
    var unreplicated = new TreeSet<>(acknowledged);
    PgFixture.eventually(() -> acknowledged.size() > unreplicated.size() + 50);
    cluster.freeze(SyncCluster.receiver(b));
    PgFixture.eventually(() -> acknowledged.size() > unreplicated.size() + 100);
    cluster.freeze(SyncCluster.receiver(c));
    awaitWaiting(primary);
    primary.kill();
    stopped.set(true);
    writer.get(30, TimeUnit.SECONDS);
    cluster.thaw();

    var covered = new TreeSet<>(acknowledged);
    covered.removeAll(unreplicated);
    assertThat(covered).hasSizeGreaterThan(90);
    PgFixture.eventually(() -> {
      var there = new TreeSet<>(ids(b));
      there.addAll(ids(c));
      return there.containsAll(covered);
    });
  }

  @Test
  void standbyIsPreparedBeforeItsPromotion() throws Exception {
    var b = cluster.standby("b", B);
    var agent = SyncCluster.agent(b, TIMING);
    assertThat(notYet(agent.bring(StandbyNames.HOLD))).contains("not a primary");
    assertThat(notYet(cluster.agent(TIMING).prepareStandby(StandbyNames.HOLD)))
        .contains("not a standby");

    var prepared = inForce(agent.prepareStandby(StandbyNames.HOLD));
    assertThat(prepared.proofs())
        .extracting(SyncInForce.Proof::what)
        .contains("the checkpointer", "a new connection");
    assertThat(agent.look().possible()).containsExactly(StandbyNames.HOLD);
    assertThat(inForce(agent.prepareStandby(StandbyNames.HOLD)).proofs())
        .as("there is nothing left to do")
        .isEmpty();
    b.execute("ALTER SYSTEM SET synchronous_standby_names = ''");
    assertThat(inForce(agent.prepareStandby(StandbyNames.HOLD)).proofs())
        .as("a reload would have taken it away")
        .isNotEmpty();
    primary.kill();
    assertThat(b.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
    var commit = SyncInForceTest.write(b);
    awaitWaiting(b);
    assertThat(commit).isNotDone();
    inForce(agent.bring(StandbyNames.NONE));
    commit.get(10, TimeUnit.SECONDS);
    assertThat(b.query("SELECT count(*) FROM t")).isEqualTo("1");
  }

  @Test
  void backendThatOutlivedItsServerDoesNotKeepTheNextOneFromStarting() throws Exception {
    var busy =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return primary.query("SELECT count(*) FROM generate_series(1, 100000000000)");
              } catch (SQLException e) {
                return "it has ended";
              }
            },
            Thread.ofPlatform()::start);
    PgFixture.eventually(() ->
        primary
            .query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1000000%'")
            .equals("2"));
    var postmaster = RunningPostmaster.find(primary.dataDir()).orElseThrow().process();
    postmaster.signal(PosixCalls.SIGKILL);
    TestInstance.awaitEnd(postmaster);
    assertThat(RunningPostmaster.in(primary.dataDir())).isPresent();

    assertThat(cluster.agent(TIMING).beforeStart(StandbyNames.HOLD))
        .isInstanceOf(Outcome.Done.class);

    assertThat(busy.get(10, TimeUnit.SECONDS)).isEqualTo("it has ended");
    assertThat(RunningPostmaster.in(primary.dataDir())).isEmpty();
    assertThat(Files.readString(primary.dataDir().resolve("postgresql.conf")))
        .contains(StandbyNames.HOLD.names().getFirst());
  }

  /** Whoever is promoted with it has to prove it, and does not only look again and again. */
  @Test
  void thatAServerWaitsForNobodyIsNotTakenForNotKnown() throws Exception {
    var b = cluster.standby("b", B);
    var agent = SyncCluster.agent(b, TIMING);
    assertThat(agent.state()).isEqualTo(SyncState.UNKNOWN);
    assertThat(agent.state().seen()).isFalse();
    inForce(agent.prepareStandby(StandbyNames.NONE));
    assertThat(agent.state().seen()).isTrue();
    b.kill();
    assertThat(agent.look().proven()).isEmpty();
    assertThat(agent.state().seen()).as("it was").isTrue();
  }

  @Test
  void standbyWithACheckpointerThatIsHeldUpIsNotPrepared() throws Exception {
    var b = cluster.standby("b", B);
    cluster.freeze(
        Integer.parseInt(
            b.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")));
    var agent = SyncCluster.agent(b, HASTY);
    assertThat(notYet(agent.prepareStandby(StandbyNames.HOLD))).contains("checkpointer");
    assertThat(agent.look().possible()).contains(StandbyNames.NONE);
    cluster.thaw();
    inForce(SyncCluster.agent(b, TIMING).prepareStandby(StandbyNames.HOLD));
  }

  @Test
  void viewShowsWhoIsThereAndWhoIsSilent() throws Exception {
    var b = cluster.standby("b", B);
    var watch = new StandbyWatch(Duration.ofMillis(100));
    try (var connection = primary.open()) {
      var begun = System.nanoTime();
      PgFixture.eventually(() -> {
        var rows = watch.look(connection, _ -> Tags.NONE, since(begun));
        return rows.size() == 1
            && rows.getFirst().incarnation().equals(B)
            && rows.getFirst().streaming()
            && rows.getFirst().suspectedSince().isEmpty();
      });
      cluster.freeze(SyncCluster.receiver(b));
      primary.execute("INSERT INTO t (note) VALUES ('x')");
      PgFixture.eventually(() ->
          watch
              .look(connection, _ -> Tags.NONE, since(begun))
              .getFirst()
              .suspectedSince()
              .isPresent());
      cluster.thaw();
      PgFixture.eventually(() ->
          watch
              .look(connection, _ -> Tags.NONE, since(begun))
              .getFirst()
              .suspectedSince()
              .isEmpty());
      b.kill();
      PgFixture.eventually(
          () -> !watch.look(connection, _ -> Tags.NONE, since(begun)).getFirst().streaming());
    }
  }

  /** How long changes take; printed for comparison. */
  @Test
  void changesAreQuick() throws Exception {
    cluster.standby("b", B);
    cluster.standby("c", C);
    var agent = cluster.agent(TIMING);
    StandbyNames[][] changes = {
      {StandbyNames.NONE, any(1, B, C)},
      {any(1, B), any(1, B, C)},
      {any(1, B, C), any(1, B)},
      {any(1, B, C), any(2, B, C)},
      {any(2, B, C), any(1, B)},
      {any(1, B), StandbyNames.NONE}
    };
    for (var change : changes) {
      var times = new TreeSet<Long>();
      var proofs = new TreeMap<String, TreeSet<Duration>>();
      for (var i = 0; i < 15; i++) {
        inForce(agent.bring(change[0]));
        var begun = System.nanoTime();
        var result = inForce(agent.bring(change[1]));
        times.add(System.nanoTime() - begun);
        for (var proof : result.proofs()) {
          proofs.computeIfAbsent(proof.what(), _ -> new TreeSet<>()).add(proof.took());
        }
        var caughtUp = since(begun);
        PgFixture.eventually(() -> agent.look().proven().isPresent());
        assertThat(caughtUp).isLessThan(TIMING.patience());
      }
      var sorted = times.stream().toList();
      System.out.printf(
          Locale.ROOT,
          "'%s' -> '%s': min %.1f median %.1f max %.1f ms, n = %d%n",
          change[0].format(),
          change[1].format(),
          sorted.getFirst() / 1e6,
          sorted.get(sorted.size() / 2) / 1e6,
          sorted.getLast() / 1e6,
          sorted.size());
      proofs.forEach((what, all) ->
          System.out.printf(
              Locale.ROOT,
              "  %s: median %.1f ms%n",
              what,
              all.stream().skip(all.size() / 2).findFirst().orElseThrow().toNanos() / 1e6));
    }
  }

  private void confirmAll(LoudStandby... standbys) throws SQLException {
    var all = primary.query("SELECT pg_current_wal_flush_lsn()");
    for (var it : standbys) {
      it.confirm(all);
    }
  }

  /** The standbys answer only when they are told to. */
  private void bringAnswering(SyncInForce agent, StandbyNames value, LoudStandby... standbys)
      throws Exception {
    var result =
        CompletableFuture.supplyAsync(() -> agent.bring(value), Thread::startVirtualThread);
    PgFixture.eventually(() -> {
      confirmAll(standbys);
      return result.isDone();
    });
    inForce(result.get());
    confirmAll(standbys);
    var all = Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()"));
    PgFixture.eventually(() -> {
      confirmAll(standbys);
      return flushedOf(B).compareTo(all) >= 0 && flushedOf(C).compareTo(all) >= 0;
    });
  }

  private Lsn flushedOf(Incarnation standby) throws SQLException {
    return Lsn.parse(
        primary.query(
            "SELECT coalesce(flush_lsn, '0/0') FROM pg_stat_replication WHERE application_name LIKE '%s_%%'"
                .formatted(standby.node())));
  }

  private CompletableFuture<Void> write(Set<Integer> acknowledged, AtomicBoolean stopped) {
    return CompletableFuture.runAsync(
        () -> {
          try (var connection = primary.open();
              var statement = connection.createStatement()) {
            for (var id = 1; !stopped.get(); id++) {
              statement.execute("INSERT INTO t (id) VALUES (%d)".formatted(id));
              acknowledged.add(id);
            }
          } catch (SQLException e) {
            assertThat(acknowledged).isNotEmpty(); // the server is killed under it
          }
        },
        Thread::startVirtualThread);
  }

  private static Set<Integer> ids(Node node) throws SQLException {
    var ids = new TreeSet<Integer>();
    try (var connection = node.open();
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT id FROM t")) {
      while (row.next()) {
        ids.add(row.getInt(1));
      }
    }
    return ids;
  }

  private static void awaitWaiting(Node node) throws Exception {
    PgFixture.eventually(() ->
        node.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            .equals("1"));
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }
}
