package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardianTest {
  private static final long STOP_MARGIN_MS = 500;
  private static final long EARLIEST_MS = STOP_MARGIN_MS + 100;

  private TestInstance instance;

  GuardianTest() throws IOException {
    instance = TestInstance.create();
  }

  @AfterEach
  void close() throws IOException {
    instance.close();
  }

  private static void assertGoneAt(Guardian guardian, long deadline) throws Exception {
    assertThat(TestInstance.endOf(guardian)).isBetween(deadline - EARLIEST_MS, deadline);
  }

  @Test
  void postgresIsGoneAtTheDeadlineWhenNobodySaysAnything() throws Exception {
    var deadline = TestInstance.in(Duration.ofMillis(1500));

    var guardian = instance.primary(deadline);

    assertGoneAt(guardian, deadline);
    TestInstance.awaitEnd(guardian.process());
    assertThat(guardian.setDeadline(TestInstance.in(Duration.ofSeconds(9))))
        .isEqualTo(Guardian.Told.GONE);
  }

  @Test
  void laterDeadlinesKeepPostgresRunningAndTheLastOneCounts() throws Exception {
    var guardian = instance.primary(TestInstance.in(Duration.ofSeconds(2)));

    long deadline = 0;
    for (var beat = 0; beat < 15; beat++) {
      deadline = TestInstance.in(Duration.ofMillis(900));
      assertThat(guardian.setDeadline(deadline)).isEqualTo(Guardian.Told.DELIVERED);
      assertThat(TestInstance.survives(guardian, Duration.ofMillis(100))).isTrue();
    }

    assertGoneAt(guardian, deadline);
  }

  @Test
  void anEarlierDeadlineReplacesALaterOne() throws Exception {
    var guardian = instance.primary();
    var deadline = TestInstance.in(Duration.ofMillis(800));

    guardian.setDeadline(deadline);

    assertGoneAt(guardian, deadline);
  }

  @Test
  void aWriterThatIsKilledChangesNothingBeforeTheDeadline() throws Exception {
    var guardian = instance.primary();
    guardian.close();
    var deadline = TestInstance.in(Duration.ofMillis(1500));
    var writer =
        new ProcessBuilder(
                "bash",
                "-c",
                "exec 3>\"$0\"; echo \"deadline $1\" >&3; echo written; exec sleep 1000",
                instance.home.controlDir().resolve("guardian.fifo").toString(),
                Long.toString(deadline))
            .start();
    assertThat(writer.inputReader().readLine()).isEqualTo("written");

    writer.destroyForcibly().waitFor();

    assertGoneAt(guardian, deadline);
  }

  @Test
  void aStandbyLivesWithoutADeadline() throws Exception {
    var guardian = instance.standby();

    assertThat(TestInstance.survives(guardian, Duration.ofSeconds(1))).isTrue();

    assertThat(instance.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
    var deadline = TestInstance.in(Duration.ofMillis(800));
    guardian.setDeadline(deadline);
    assertThat(guardian.clearDeadline()).isEqualTo(Guardian.Told.DELIVERED);
    assertThat(TestInstance.survives(guardian, Duration.ofSeconds(1))).isTrue();
  }

  @Test
  void nonsenseOnThePipeChangesNothing() throws Exception {
    var guardian = instance.primary();
    var pipe = instance.home.controlDir().resolve("guardian.fifo");

    Files.writeString(
        pipe,
        """
        deadline 1e9
        deadline -1
        deadline

        quit
        $(kill 1)
        deadline 99999999999999
        deadline 08x
        deadline 12345678901234567890
        deadline  5
        none?
        """);

    assertThat(TestInstance.survives(guardian, Duration.ofMillis(500))).isTrue();
    assertThat(guardian.ping()).isEqualTo(Guardian.Told.DELIVERED);
    assertThat(Files.readString(instance.home.log())).contains("ignored: 'quit'");
    var deadline = TestInstance.in(Duration.ofMillis(800));
    guardian.setDeadline(deadline);
    assertGoneAt(guardian, deadline);
  }

  @Test
  void aGuardianThatWasKeptFromRunningJudgesByTheNewestLine() throws Exception {
    var guardian = instance.primary();
    guardian.process().signal(PosixCalls.SIGSTOP);
    guardian.setDeadline(TestInstance.in(Duration.ofMillis(100)));
    guardian.setDeadline(TestInstance.in(Duration.ofSeconds(10)));
    assertThat(TestInstance.survives(guardian, Duration.ofMillis(300))).isTrue();

    guardian.process().signal(PosixCalls.SIGCONT);

    assertThat(TestInstance.survives(guardian, Duration.ofMillis(500))).isTrue();
  }

  @Test
  void aGuardianThatSleptOverTheDeadlineActsWhenItWakes() throws Exception {
    var guardian = instance.primary();
    guardian.process().signal(PosixCalls.SIGSTOP);
    guardian.setDeadline(TestInstance.in(Duration.ofMillis(200)));
    assertThat(TestInstance.survives(guardian, Duration.ofMillis(400))).isTrue();

    guardian.process().signal(PosixCalls.SIGCONT);

    assertThat(TestInstance.survives(guardian, Duration.ofMillis(500))).isFalse();
  }

  @Test
  void aStuckGuardianDoesNotBlockItsWriterAndCanBeReplaced() throws Exception {
    var stuck = instance.primary();
    stuck.process().signal(PosixCalls.SIGSTOP);
    var told = Guardian.Told.DELIVERED;
    for (var line = 0; line < 100_000 && told == Guardian.Told.DELIVERED; line++) {
      told = stuck.setDeadline(TestInstance.in(Duration.ofSeconds(20)));
    }
    assertThat(told).isEqualTo(Guardian.Told.STUCK);
    var deadline = TestInstance.in(Duration.ofMillis(1200));

    var replacement =
        TestInstance.watching(
            Guardian.adopt(instance.home, stuck.postmaster(), Optional.of(deadline)));

    assertThat(stuck.alive()).isFalse();
    assertGoneAt(replacement, deadline);
  }

  @Test
  void aKilledGuardianIsNoticedAndANewOneAdoptsPostgres() throws Exception {
    var killed = instance.primary();
    killed.process().signal(PosixCalls.SIGKILL);
    TestInstance.awaitEnd(killed.process());

    assertThat(killed.setDeadline(TestInstance.in(Duration.ofSeconds(9))))
        .isEqualTo(Guardian.Told.GONE);
    assertThat(killed.alive()).isFalse();
    assertThat(Guardian.find(instance.home.controlDir())).isEmpty();
    assertThat(killed.postmaster().alive()).isTrue();
    assertThat(instance.query("SELECT 1")).isEqualTo("1");
    var running = RunningPostmaster.find(instance.dataDir).orElseThrow().process();
    assertThat(running).isEqualTo(killed.postmaster());
    var adopted =
        TestInstance.watching(
            Guardian.adopt(
                instance.home, running, Optional.of(TestInstance.in(Duration.ofSeconds(20)))));
    var deadline = TestInstance.in(Duration.ofMillis(900));
    adopted.setDeadline(deadline);
    assertGoneAt(adopted, deadline);
    TestInstance.awaitEnd(adopted.process());
  }

  @Test
  void aRestartedAgentTakesOverThePipe() throws Exception {
    var before = instance.primary();
    before.close();

    var after = Guardian.find(instance.home.controlDir()).orElseThrow();

    assertThat(after.process()).isEqualTo(before.process());
    assertThat(after.postmaster()).isEqualTo(before.postmaster());
    var deadline = TestInstance.in(Duration.ofMillis(900));
    assertThat(after.setDeadline(deadline)).isEqualTo(Guardian.Told.DELIVERED);
    assertGoneAt(after, deadline);
  }

  @Test
  void aFrozenPostmasterIsKilledWithItsBackends() throws Exception {
    var guardian = instance.primary();
    try (var connection = instance.connect();
        var statement = connection.createStatement()) {
      var query = endlessQuery(statement);
      guardian.postmaster().signal(PosixCalls.SIGSTOP);
      var deadline = TestInstance.in(Duration.ofMillis(1200));
      guardian.setDeadline(deadline);

      assertGoneAt(guardian, deadline);

      assertThat(query.get(deadline + 50 - HostClock.bootMillis(), TimeUnit.MILLISECONDS))
          .isFalse();
      TestInstance.awaitEnd(guardian.process());
      assertThat(ServerProcesses.orphans(instance.dataDir)).isEmpty();
    }
  }

  /** Completes when the server ends it; busy all the time, so that the backend polls nothing. */
  private CompletableFuture<Boolean> endlessQuery(Statement statement) throws SQLException {
    var query =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return statement.execute("SELECT count(*) FROM generate_series(1, 1e12::bigint)");
              } catch (SQLException e) {
                return false;
              }
            });
    var until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    var count = "";
    while (!count.equals("1") && System.nanoTime() < until) {
      count =
          instance.query(
              "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE"
                  + " '%generate_series(1, 1e12%' AND pid <> pg_backend_pid()");
    }
    assertThat(count).isEqualTo("1");
    return query;
  }

  @Test
  void backendsDoNotOutliveAKilledPostmaster() throws Exception {
    var guardian = instance.standby();
    try (var connection = instance.connect();
        var statement = connection.createStatement()) {
      var query = endlessQuery(statement);

      guardian.postmaster().signal(PosixCalls.SIGKILL);

      assertThat(query.get(2, TimeUnit.SECONDS)).isFalse();
      TestInstance.awaitEnd(guardian.process());
      assertThat(Files.readString(instance.home.log())).contains("outlived the postmaster");
    }
  }

  @Test
  void aPrimaryIsNotStartedWhenItsLeaseIsAboutToEnd() {
    var started = instance.start().asPrimary(TestInstance.in(Duration.ofMillis(400)));

    assertThat(TestInstance.reasonOf(started)).contains("status 75").contains("too late");
    assertThat(instance.home.serverLog()).doesNotExist();
    assertThat(RunningPostmaster.find(instance.dataDir)).isEmpty();
  }

  @Test
  void aDeadlineThatIsOverIsNotAccepted() {
    try (var guardian = instance.primary()) {
      assertThat(guardian.setDeadline(HostClock.bootMillis())).isEqualTo(Guardian.Told.PAST);
      assertThatThrownBy(() -> guardian.setDeadline(HostClock.bootNanos()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("more than a day ahead");
      assertThat(guardian.postmaster().alive()).isTrue();
    }
  }

  @Test
  void aProcessThatGotThePostmastersNumberIsNotAdopted() {
    var self = ProcessId.of((int) ProcessHandle.current().pid()).orElseThrow();

    var started =
        Guardian.adopt(
            instance.home,
            new ProcessId(self.pid(), self.startTicks() - 1),
            Optional.of(TestInstance.in(Duration.ofSeconds(5))));

    assertThat(TestInstance.reasonOf(started)).contains("status 69");
  }

  @Test
  void thereIsOneGuardianForOnePostmaster() {
    var first = instance.primary();

    var second =
        Guardian.start(
            new PostmasterLaunch(
                instance.home,
                instance.user,
                List.of("sleep", "1000"),
                Map.of(),
                Optional.empty()));

    assertThat(TestInstance.reasonOf(second)).contains("still watches");
    assertThat(first.alive()).isTrue();
  }
}
