package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What must not keep the guardian from ending a primary in time. */
class GuardianHazardsTest {
  private static final int WRITERS = 4;

  /** Masks of processors (taskset(1)): all but the first, and all. */
  private static final String OTHERS = "fffffffe";

  private static final String ALL = "ffffffff";

  /** Clients that commit without a pause until they are cut off. */
  private static final class Writers {
    final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong last = new AtomicLong();
    private final List<CompletableFuture<Void>> clients;

    Writers(TestInstance instance) throws SQLException {
      try (var connection = instance.connect();
          var statement = connection.createStatement()) {
        statement.execute("CREATE TABLE IF NOT EXISTS written (n bigint)");
      }
      clients =
          IntStream.range(0, WRITERS)
              .mapToObj(_ -> CompletableFuture.runAsync(() -> write(instance)))
              .toList();
    }

    private void write(TestInstance instance) {
      try (var connection = instance.connect();
          var statement = connection.createStatement()) {
        while (true) {
          statement.execute("INSERT INTO written VALUES (1)");
          var now = HostClock.bootMillis();
          last.accumulateAndGet(now, Math::max);
          acknowledged.incrementAndGet();
        }
      } catch (SQLException cutOff) {
        // the end of every writer here
      }
    }

    void awaitBusy() {
      var until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (acknowledged.get() < 100 && System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      assertThat(acknowledged.get()).isGreaterThanOrEqualTo(100);
    }

    /** When the last commit was acknowledged, once all are cut off. */
    long lastAcknowledged(Duration patience) throws Exception {
      for (var client : clients) {
        client.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      }
      return last.get();
    }
  }

  private static List<ProcessId> children(ProcessId postmaster) throws IOException {
    var list = "/proc/%1$d/task/%1$d/children".formatted(postmaster.pid());
    return List.of(Files.readString(Path.of(list)).strip().split(" ", -1)).stream()
        .flatMap(pid -> ProcessId.of(Integer.parseInt(pid)).stream())
        .toList();
  }

  @Test
  void nothingIsAcknowledgedAfterTheDeadlineUnderFullLoad() throws Exception {
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();
      var writers = new Writers(instance);
      writers.awaitBusy();
      var deadline = TestInstance.in(Duration.ofMillis(1200));

      guardian.setDeadline(deadline);

      assertThat(writers.lastAcknowledged(Duration.ofSeconds(10))).isLessThan(deadline);
      assertThat(TestInstance.endOf(guardian)).isLessThanOrEqualTo(deadline);
    }
  }

  @Test
  void aFrozenPostmasterWithWritersIsGoneAtTheDeadline() throws Exception {
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();
      var writers = new Writers(instance);
      writers.awaitBusy();
      guardian.postmaster().signal(PosixCalls.SIGSTOP);
      var deadline = TestInstance.in(Duration.ofMillis(1200));

      guardian.setDeadline(deadline);

      assertThat(writers.lastAcknowledged(Duration.ofSeconds(10))).isLessThan(deadline);
      assertThat(TestInstance.endOf(guardian)).isLessThanOrEqualTo(deadline);
      TestInstance.awaitEnd(guardian.process());
      assertThat(ServerProcesses.orphans(instance.dataDir)).isEmpty();
    }
  }

  @Test
  void frozenBackendsAreGoneAtTheDeadline() throws Exception {
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();
      var writers = new Writers(instance);
      writers.awaitBusy();
      var children = children(guardian.postmaster());
      assertThat(children).hasSizeGreaterThan(WRITERS);
      children.forEach(it -> it.signal(PosixCalls.SIGSTOP));
      var deadline = TestInstance.in(Duration.ofMillis(1200));

      guardian.setDeadline(deadline);

      assertThat(TestInstance.endOf(guardian)).isLessThanOrEqualTo(deadline);
      for (var child : children) {
        TestInstance.awaitEnd(child);
      }
      assertThat(HostClock.bootMillis()).isLessThanOrEqualTo(deadline);
      assertThat(writers.lastAcknowledged(Duration.ofSeconds(10))).isLessThan(deadline);
    }
  }

  /** All its processes; whoever else leads by now must not wait for an end in order. */
  @Test
  void aServerOnAHostThatStoodStillBeyondTheDeadlineIsKilledAtOnce() throws Exception {
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();
      var writers = new Writers(instance);
      writers.awaitBusy();
      var deadline = TestInstance.in(Duration.ofMillis(1200));
      guardian.setDeadline(deadline);
      var host = new ArrayList<>(List.of(guardian.process(), guardian.postmaster()));
      host.addAll(children(guardian.postmaster()));
      host.forEach(it -> it.signal(PosixCalls.SIGSTOP));
      assertThat(TestInstance.survives(guardian, Duration.ofMillis(1400))).isTrue();
      assertThat(HostClock.bootMillis()).isGreaterThan(deadline);

      host.reversed().forEach(it -> it.signal(PosixCalls.SIGCONT));

      TestInstance.awaitEnd(guardian.process());
      assertThat(Files.readString(instance.home.log()))
          .contains(
              "killed the postmaster %d and its children".formatted(guardian.postmaster().pid()))
          .doesNotContain("stopping the postmaster");
      assertThat(ServerProcesses.orphans(instance.dataDir)).isEmpty();
    }
  }

  @Test
  void backendsOfAKilledPostmasterStopAcknowledgingLongBeforeTheDeadline() throws Exception {
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();
      var writers = new Writers(instance);
      writers.awaitBusy();
      var killed = HostClock.bootMillis();

      guardian.postmaster().signal(PosixCalls.SIGKILL);

      assertThat(writers.lastAcknowledged(Duration.ofSeconds(10))).isLessThan(killed + 1000);
      TestInstance.awaitEnd(guardian.process());
      assertThat(ServerProcesses.orphans(instance.dataDir)).isEmpty();
    }
  }

  @Test
  void aHungControlDiskKeepsNeitherTheAgentNorTheGuardian() throws Exception {
    try (var disk = FrozenDisk.make();
        var instance = TestInstance.create()) {
      var home =
          new GuardianHome(instance.home.program(), disk.root.resolve("control"), instance.dataDir);
      var start = new PgStart(home, TestInstance.BINARIES, instance.user, new TreeMap<>());
      var guardian = instance.ready(start.asPrimary(TestInstance.in(Duration.ofSeconds(20))));
      var writers = new Writers(instance);
      writers.awaitBusy();
      disk.freeze();
      // Its log is on that disk: what it has to say must not stop it.
      var pipe = home.controlDir().resolve("guardian.fifo");
      try (var stranger = Files.newBufferedWriter(pipe)) {
        for (var line = 0; line < 200; line++) {
          stranger.write("nonsense " + line + "\n");
        }
      }
      long deadline = 0;
      for (var beat = 0; beat < 10; beat++) {
        deadline = TestInstance.in(Duration.ofMillis(1200));
        assertThat(guardian.setDeadline(deadline)).isEqualTo(Guardian.Told.DELIVERED);
        assertThat(TestInstance.survives(guardian, Duration.ofMillis(100))).isTrue();
      }

      assertThat(TestInstance.endOf(guardian)).isLessThanOrEqualTo(deadline);

      assertThat(writers.lastAcknowledged(Duration.ofSeconds(5))).isLessThan(deadline);
      assertThat(HostClock.bootMillis()).isLessThan(deadline + 1000);
      disk.thaw();
      TestInstance.awaitEnd(guardian.process());
    }
  }

  @Test
  void nothingIsAcknowledgedAfterTheDeadlineWhenTheDataDiskHangs() throws Exception {
    try (var disk = FrozenDisk.make();
        var instance = TestInstance.in(disk.root)) {
      var guardian = instance.primary();
      var writers = new Writers(instance);
      writers.awaitBusy();
      disk.freeze();
      var deadline = TestInstance.in(Duration.ofMillis(1500));
      guardian.setDeadline(deadline);

      // Its processes hang in the kernel, which may not let them go before the disk comes back.
      var _ = TestInstance.survives(guardian, Duration.ofSeconds(2));
      assertThat(HostClock.bootMillis()).isBetween(deadline - 600, deadline + 1500);
      disk.thaw();

      assertThat(ProcessExit.await(guardian.postmasterExit(), Duration.ofSeconds(10))).isTrue();
      assertThat(writers.lastAcknowledged(Duration.ofSeconds(10))).isLessThan(deadline);
    }
  }

  @Test
  @Tag("alone")
  void aGuardianWhoseCpuOthersKeepBusyIsInTime() throws Exception {
    Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "one for the others");
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();
      pin("1", guardian.process().pid());
      // It is the guardian that is tried: who is to end and who looks must not wait for that CPU.
      pin(OTHERS, guardian.postmaster().pid());
      for (var child : children(guardian.postmaster())) {
        pin(OTHERS, child.pid());
      }
      var self = Math.toIntExact(ProcessHandle.current().pid());
      pin(OTHERS, self);
      // Each counts eighty-odd times as much as a process that has not asked for more.
      var endless =
          List.of("nice", "-n", "-20", "taskset", "1", "bash", "-c", "while :; do :; done");
      var hogs = new ArrayList<Process>();
      try {
        for (var hog = 0; hog < 6; hog++) {
          hogs.add(new ProcessBuilder(endless).start());
        }
        var deadline = TestInstance.in(Duration.ofMillis(1500));

        guardian.setDeadline(deadline);

        assertThat(TestInstance.endOf(guardian)).isBetween(deadline - 600, deadline);
      } finally {
        // Before what is done with the instance: they would keep that from running, too.
        hogs.forEach(Process::destroyForcibly);
        pin(ALL, self);
      }
    }
  }

  /** With all its threads. */
  private static void pin(String mask, int pid) {
    TestInstance.run(Optional.empty(), "taskset", "-a", "-p", mask, Integer.toString(pid));
  }

  @Test
  void postgresDoesNotInheritTheGuardiansPriority() throws Exception {
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();

      var nice = niceAndPolicy(guardian.postmaster());

      assertThat(nice)
          .isEqualTo(
              niceAndPolicy(ProcessId.of((int) ProcessHandle.current().pid()).orElseThrow()));
      assertThat(instance.query("SELECT 1")).isEqualTo("1");
    }
  }

  /** Fields 19 and 41 of /proc/PID/stat (proc(5)). */
  private static List<String> niceAndPolicy(ProcessId process) throws IOException {
    var stat = Files.readString(Path.of("/proc", Integer.toString(process.pid()), "stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return List.of(fields[16], fields[38]);
  }
}
