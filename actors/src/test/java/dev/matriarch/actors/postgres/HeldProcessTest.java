package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What is left of a server whose disk hangs once it was killed. */
class HeldProcessTest {
  private static final Duration SOON = Duration.ofMillis(200);

  private static int commit(TestInstance instance) {
    try (var connection = instance.connect();
        var statement = connection.createStatement()) {
      statement.execute("SELECT pg_logical_emit_message(true, 'test', '')");
      return 0;
    } catch (SQLException e) {
      return -1;
    }
  }

  private static void eventually(String what, Callable<Boolean> condition) throws Exception {
    var until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(until);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** The one that commits, once it waits for its disk. */
  private static ProcessId waiting(TestInstance instance) throws Exception {
    var found = new ArrayList<ProcessId>();
    eventually(
        "a backend waits for its disk",
        () -> {
          found.clear();
          committing(instance).filter(HeldProcessTest::waits).ifPresent(found::add);
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  private static boolean waits(ProcessId process) {
    try {
      var stat = Files.readString(Path.of("/proc/%d/stat".formatted(process.pid())));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'D';
    } catch (IOException ended) {
      return false;
    }
  }

  private static Optional<ProcessId> committing(TestInstance instance) throws SQLException {
    var pid =
        instance.query(
            """
            SELECT coalesce(max(pid), 0) FROM pg_stat_activity
             WHERE query LIKE '%emit_message%' AND pid <> pg_backend_pid()\
            """);
    return ProcessId.of(Integer.parseInt(pid));
  }

  @Test
  void whoWaitsForItsDiskIsNotHeldBeforeItWasKilled() throws Exception {
    try (var disk = FrozenDisk.make();
        var instance = TestInstance.in(disk.root)) {
      instance.primary();
      commit(instance);
      disk.freeze();
      var commit = CompletableFuture.supplyAsync(() -> commit(instance));
      var backend = waiting(instance);
      assertThat(backend.isHeld()).isFalse();
      assertThat(RunningPostmaster.isHeld(instance.dataDir)).isFalse();
      backend.signal(PosixCalls.SIGTERM);
      assertThat(backend.isHeld()).as("by a signal that it could live through").isFalse();
      backend.signal(PosixCalls.SIGKILL);
      assertThat(backend.isHeld()).isTrue();
      assertThat(RunningPostmaster.isHeld(instance.dataDir))
          .as("while its postmaster runs")
          .isFalse();
      disk.thaw();
      assertThat(commit.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
    }
  }

  @Test
  void aServerWhoseDiskHangsIsStoppedThoughItDoesNotGoAwayAndNothingStartsInItsPlace()
      throws Exception {
    try (var disk = FrozenDisk.make();
        var instance = TestInstance.in(disk.root)) {
      instance.primary();
      commit(instance);
      disk.freeze();
      var commit = CompletableFuture.supplyAsync(() -> commit(instance));
      var _ = waiting(instance);
      var began = System.nanoTime();
      var stopped = new PgStop(instance.dataDir, PgStop.Mode.IMMEDIATE, SOON).run();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
      assertThat(stopped)
          .isInstanceOfSatisfying(
              Outcome.Done.class,
              it -> assertThat(it.detail()).contains("the kernel does not let"));
      assertThat(RunningPostmaster.isHeld(instance.dataDir)).isTrue();
      assertThat(commit).as("the client of a killed server").isNotDone();
      assertThat(RunningPostmaster.in(instance.dataDir)).isPresent();
      disk.thaw();
      assertThat(commit.get(20, TimeUnit.SECONDS)).as("an acknowledgement").isEqualTo(-1);
      eventually("all has ended", () -> RunningPostmaster.in(instance.dataDir).isEmpty());
      assertThat(RunningPostmaster.isHeld(instance.dataDir)).isFalse();
      instance.primary();
    }
  }
}
