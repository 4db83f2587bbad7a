package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final TestInstance instance;
  private final List<Process> started = new ArrayList<>();

  LifecycleTest() throws IOException {
    instance = TestInstance.create();
  }

  @AfterEach
  void close() throws IOException {
    started.forEach(Process::destroyForcibly);
    instance.close();
  }

  /** A program of PostgreSQL's user that is not PostgreSQL. */
  private ProcessId stranger(Path workingDirectory) throws IOException {
    var process =
        new ProcessBuilder(PgCommand.asUser(instance.user.switchTo(), List.of("sleep", "1000")))
            .directory(workingDirectory.toFile())
            .start();
    started.add(process);
    return ProcessId.of((int) process.pid()).orElseThrow();
  }

  @Test
  void aFastStopLeavesACleanControlFile() throws SQLException {
    var guardian = instance.primary();
    assertThat(instance.query("SELECT pg_is_in_recovery()")).isEqualTo("f");
    var position = Lsn.parse(instance.query("SELECT pg_current_wal_lsn()"));

    assertThat(instance.stop(PgStop.Mode.FAST)).isInstanceOf(Outcome.Done.class);

    assertThat(guardian.postmaster().alive()).isFalse();
    var control = instance.control();
    assertThat(control.state()).isEqualTo(ControlData.State.SHUT_DOWN);
    assertThat(control.checkpoint().timeline()).isEqualTo(1);
    assertThat(control.checkpoint().lsn()).isGreaterThanOrEqualTo(position);
    assertThat(control.minimumRecoveryEnd()).isEmpty();
    assertThat(control.dataChecksums()).isTrue();
    assertThat(control.walLogHints()).isFalse();
    assertThat(control.limits()).containsEntry("max_connections", 100).hasSize(5);
    assertThat(new PgStop(instance.dataDir, PgStop.Mode.FAST, TIMEOUT).run())
        .isEqualTo(new Outcome.Done("PostgreSQL does not run"));
  }

  @Test
  void anImmediateStopNeedsCrashRecoveryWhichKeepsWhatWasCommitted() throws SQLException {
    instance.primary();
    instance.query("SELECT 1 FROM set_config('synchronous_commit', 'on', false)");
    try (var connection = instance.connect();
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE kept AS SELECT 42 AS n");
    }
    assertThat(instance.stop(PgStop.Mode.IMMEDIATE)).isInstanceOf(Outcome.Done.class);
    assertThat(instance.control().state()).isEqualTo(ControlData.State.IN_PRODUCTION);
    assertThat(instance.control().state().isUncleanPrimary()).isTrue();
    instance.configure(new PgConf.ServerRole.Fenced());

    var outcome = recovery().run();

    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    assertThat(instance.control().state()).isEqualTo(ControlData.State.SHUT_DOWN);
    assertThat(instance.dataDir.resolve("standby.signal")).doesNotExist();
    instance.configure(new PgConf.ServerRole.Primary());
    instance.primary();
    assertThat(instance.query("SELECT n FROM kept")).isEqualTo("42");
    assertThat(recovery().run())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).contains("PostgreSQL runs in"));
  }

  private CrashRecovery recovery() {
    return new CrashRecovery(TestInstance.BINARIES, instance.user, instance.dataDir, TIMEOUT);
  }

  @Test
  void aBaseBackupThatWasNeverStartedIsNotRecovered() throws IOException {
    Files.writeString(instance.dataDir.resolve("backup_label"), "START WAL LOCATION: 0/2000028\n");

    assertThat(recovery().run())
        .isInstanceOfSatisfying(
            Outcome.Failed.class, failed -> assertThat(failed.reason()).contains("backup_label"));
  }

  @Test
  void aCrashedPrimaryStartsAgainInPlace() throws Exception {
    var crashed = instance.primary();
    crashed.postmaster().signal(PosixCalls.SIGKILL);
    TestInstance.endOf(crashed);

    var guardian = instance.primary();

    assertThat(guardian.postmaster()).isNotEqualTo(crashed.postmaster());
    assertThat(instance.query("SELECT pg_is_in_recovery()")).isEqualTo("f");
  }

  @Test
  void aFrozenServerIsEndedByAnImmediateStop() {
    var guardian = instance.primary();
    freeze(guardian);

    assertThat(new PgStop(instance.dataDir, PgStop.Mode.FAST, Duration.ofMillis(100)).run())
        .isInstanceOf(Outcome.Failed.class);
    assertThat(new PgStop(instance.dataDir, PgStop.Mode.IMMEDIATE, Duration.ofMillis(100)).run())
        .isInstanceOf(Outcome.Done.class);

    assertThat(guardian.postmaster().alive()).isFalse();
    assertThat(ServerProcesses.orphans(instance.dataDir)).isEmpty();
  }

  /** The postmaster too; a stop lets it go on, but not its children, for which it then waits. */
  private static void freeze(Guardian guardian) {
    ServerProcesses.children(guardian.postmaster()).forEach(it -> it.signal(PosixCalls.SIGSTOP));
    guardian.postmaster().signal(PosixCalls.SIGSTOP);
  }

  @Test
  void anInterruptCancelsTheWait() throws Exception {
    freeze(instance.primary());
    var outcome = new CompletableFuture<Outcome>();
    var stopping =
        Thread.ofVirtual().start(() -> outcome.complete(instance.stop(PgStop.Mode.FAST)));

    stopping.interrupt();

    assertThat(outcome.get(5, TimeUnit.SECONDS))
        .isEqualTo(new Outcome.Failed("cancelled while PostgreSQL shuts down"));
  }

  @Test
  void aServerThatCannotStartSaysWhy() {
    instance.configure("shared_buffers", "nonsense");

    var guardian =
        TestInstance.watching(instance.start().asPrimary(TestInstance.in(Duration.ofMinutes(1))));

    assertThat(instance.start().awaitReady(guardian, TIMEOUT))
        .isInstanceOfSatisfying(
            PgStart.Readiness.Ended.class,
            ended -> assertThat(ended.reason()).contains("shared_buffers"));
  }

  @Test
  void aServerThatStillRecoversIsNotReadyYetAndTheWaitCanBeCancelled() {
    instance.configure("restore_command", "sleep 60; false");
    instance.configure(new PgConf.ServerRole.StandbyOf(Optional.empty(), Optional.empty()));
    var guardian = TestInstance.watching(instance.start().asStandby());

    assertThat(instance.start().awaitReady(guardian, Duration.ofMillis(300)))
        .isInstanceOf(PgStart.Readiness.NotYet.class);

    Thread.currentThread().interrupt();
    assertThat(instance.start().awaitReady(guardian, TIMEOUT))
        .isEqualTo(new PgStart.Readiness.NotYet("cancelled while PostgreSQL starts"));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(guardian.postmaster().alive()).isTrue();
  }

  @Test
  void theSignalFileDecidesWhatMayBeStarted() {
    var asStandby = TestInstance.reasonOf(instance.start().asStandby());
    instance.configure(new PgConf.ServerRole.Fenced());
    var asPrimary =
        TestInstance.reasonOf(instance.start().asPrimary(TestInstance.in(Duration.ofMinutes(1))));

    assertThat(asStandby).contains("it would start as a primary");
    assertThat(asPrimary).contains("it would start as a standby");
    assertThat(RunningPostmaster.find(instance.dataDir)).isEmpty();
  }

  @Test
  void settingsOfTheCommandLineWin() throws Exception {
    var commandLine = new TreeMap<String, String>();
    commandLine.put("max_connections", "33");
    commandLine.put("cluster_name", "it's a \"name\" with = and spaces");
    var start = new PgStart(instance.home, TestInstance.BINARIES, instance.user, commandLine);

    instance.ready(start.asPrimary(TestInstance.in(Duration.ofMinutes(1))));

    assertThat(instance.query("SHOW max_connections")).isEqualTo("33");
    assertThat(instance.query("SHOW cluster_name")).isEqualTo("it's a \"name\" with = and spaces");
  }

  @Test
  void aReloadIsSeenByNewConnections() throws Exception {
    assertThat(new PgReload(instance.dataDir).run()).isInstanceOf(Outcome.Failed.class);
    instance.primary();
    assertThat(instance.configure("work_mem", "11MB")).isTrue();

    assertThat(new PgReload(instance.dataDir).run()).isInstanceOf(Outcome.Done.class);

    var until = System.nanoTime() + TIMEOUT.toNanos();
    var seen = "";
    while (!seen.equals("11MB") && System.nanoTime() < until) {
      seen = instance.query("SHOW work_mem");
    }
    assertThat(seen).isEqualTo("11MB");
  }

  @Test
  void aLeftOverLockFileWithTheNumberOfAnotherProgramIsNotOurPostmaster() throws Exception {
    var crashed = instance.primary();
    crashed.postmaster().signal(PosixCalls.SIGKILL);
    TestInstance.endOf(crashed);
    var lockFile = instance.dataDir.resolve("postmaster.pid");
    var lines = new ArrayList<>(Files.readAllLines(lockFile));
    lines.set(0, Integer.toString(stranger(instance.root).pid()));
    Files.write(lockFile, lines);

    assertThat(RunningPostmaster.find(instance.dataDir)).isEmpty();

    instance.primary();
    assertThat(instance.query("SELECT 1")).isEqualTo("1");
  }

  @Test
  void aProgramThatWorksInTheDirectoryIsNotItsPostmaster() throws Exception {
    Files.writeString(
        instance.dataDir.resolve("postmaster.pid"), stranger(instance.dataDir).pid() + "\n");

    assertThat(RunningPostmaster.find(instance.dataDir)).isEmpty();
    assertThat(RunningPostmaster.in(instance.dataDir)).isEmpty();
    Files.writeString(instance.dataDir.resolve("postmaster.pid"), "");
    assertThat(RunningPostmaster.in(instance.dataDir).orElseThrow()).contains("remove it");
  }

  @Test
  void aBackendWithThePostmastersNumberIsNotThePostmaster() throws Exception {
    instance.primary();
    var lockFile = instance.dataDir.resolve("postmaster.pid");
    var text = Files.readString(lockFile);
    try (var connection = instance.connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT pg_backend_pid()")) {
      rows.next();
      Files.writeString(lockFile, text.replaceFirst("^\\d+", rows.getString(1)));

      assertThat(RunningPostmaster.find(instance.dataDir)).isEmpty();
      assertThat(RunningPostmaster.in(instance.dataDir)).isPresent();
    } finally {
      Files.writeString(lockFile, text);
    }
  }

  @Test
  void thePostmasterIsFoundHoweverItsDirectoryIsWritten() throws Exception {
    var guardian = instance.primary();
    var link = Files.createSymbolicLink(instance.root.resolve("link"), instance.dataDir);

    for (var path : List.of(instance.dataDir + "/", instance.root + "/./data", link + "/")) {
      assertThat(RunningPostmaster.find(Path.of(path)).map(RunningPostmaster::process))
          .as(path)
          .contains(guardian.postmaster());
    }
    assertThat(RunningPostmaster.find(instance.root)).isEmpty();
  }

  @Test
  void theServerDoesNotSeeTheAgentsOwnVariables() {
    var launch =
        new PostmasterLaunch(
            instance.home,
            new OsUser("db", Optional.of("db"), Optional.of(Path.of("/home/db"))),
            List.of("postgres"),
            Map.of("PG_GRANDPARENT_PID", "7"),
            Optional.empty());

    var environment =
        launch.wholeEnvironment(
            Map.of(
                "PATRONI_SUPERUSER_PASSWORD", "s",
                "MATRIARCH_HOME", "h",
                "NOTIFY_SOCKET", "n",
                "HOME", "/root",
                "PATH", "/bin",
                "LANG", "de_DE"));

    assertThat(environment)
        .containsOnly(
            Map.entry("HOME", "/home/db"),
            Map.entry("USER", "db"),
            Map.entry("LOGNAME", "db"),
            Map.entry("PATH", "/bin"),
            Map.entry("LANG", "de_DE"),
            Map.entry("PG_GRANDPARENT_PID", "7"));
  }

  @Test
  void aPartlyWrittenLockFileIsRead() {
    assertThat(PidFile.parse("")).isEmpty();
    assertThat(PidFile.parse("x\n")).isEmpty();
    assertThat(PidFile.parse("17\n/d\n").orElseThrow().status()).isEqualTo(PidFile.Status.UNKNOWN);
    assertThat(PidFile.parse("-17\n/d\n").orElseThrow().standalone()).isTrue();
    assertThat(PidFile.parse("17\n/d\n1700000000\n5432\n/tmp\nlocalhost\n 1 2\nready   \n"))
        .contains(
            new PidFile(
                17,
                false,
                Optional.of(1_700_000_000L),
                Optional.of(5432),
                Optional.of("/tmp"),
                PidFile.Status.READY));
  }
}
