package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A primary is stopped while a client of its WAL senders takes nothing any more. */
class DrainingStopTest {
  private static final Duration DRAIN = Duration.ofSeconds(1);

  /** What the checkpoint and the end of the processes may add, on a loaded machine. */
  private static final Duration ENOUGH = Duration.ofSeconds(10);

  private final PgFixture postgres;
  private final List<ProcessId> stopped = new ArrayList<>();
  private final List<Process> clients = new ArrayList<>();

  DrainingStopTest() throws IOException {
    postgres = new PgFixture();
  }

  @AfterEach
  void close() throws IOException {
    stopped.forEach(it -> it.signal(PosixCalls.SIGCONT));
    clients.forEach(Process::destroyForcibly);
    postgres.close();
  }

  @Test
  void aStandbyThatTakesAllGetsAll() throws Exception {
    var primary = postgres.primary("primary");
    var standby = postgres.standby("standby", primary);
    primary.execute("CREATE TABLE t AS SELECT generate_series(1, 10000) AS x");
    assertThat(detail(stop(primary))).startsWith("stopped (fast)");
    assertThat(Lsn.parse(standby.query("SELECT pg_last_wal_receive_lsn()")))
        .isGreaterThan(control(primary).checkpoint().lsn());
  }

  @Test
  void aWalReceiverThatHangsDoesNotHoldTheStopUp() throws Exception {
    var primary = postgres.primary("primary");
    var standby = postgres.standby("standby", primary);
    freeze(standby.query("SELECT pid FROM pg_stat_wal_receiver"));
    primary.execute("CREATE TABLE t AS SELECT generate_series(1, 10000) AS x");
    assertThat(stopsInTime(primary))
        .endsWith("not every standby or subscriber had received all WAL");
  }

  @Test
  void oneThatHasMuchToTakeDoesNotEither() throws Exception {
    var primary = postgres.primary("primary");
    var hangs = postgres.standby("hangs", primary);
    var takes = postgres.standby("takes", primary);
    freeze(hangs.query("SELECT pid FROM pg_stat_wal_receiver"));
    primary.execute(
        "CREATE TABLE t AS SELECT repeat(md5(x::text), 30) AS x FROM generate_series(1, 60000) x");
    assertThat(stopsInTime(primary))
        .endsWith("not every standby or subscriber had received all WAL");
    assertThat(Lsn.parse(takes.query("SELECT pg_last_wal_receive_lsn()")))
        .as("nobody has cut this one off")
        .isGreaterThan(control(primary).checkpoint().lsn());
  }

  @Test
  void aLogicalSubscriberThatHangsDoesNotHoldTheStopUp() throws Exception {
    var primary = postgres.primary("primary");
    primary.stop();
    primary.configure("wal_level = logical");
    primary.start();
    primary.query("SELECT pg_create_logical_replication_slot('sub', 'test_decoding')::text");
    freeze(Long.toString(subscriber(primary)));
    primary.execute("CREATE TABLE t AS SELECT generate_series(1, 10000) AS x");
    assertThat(stopsInTime(primary))
        .endsWith("not every standby or subscriber had received all WAL");
  }

  private long subscriber(PgFixture.Node primary) throws Exception {
    var builder =
        new ProcessBuilder(
                PgFixture.BIN.resolve("pg_recvlogical").toString(),
                "--dbname=host=127.0.0.1 port=%d user=postgres dbname=postgres"
                    .formatted(primary.port()),
                "--slot=sub",
                "--start",
                "--file=-")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("PGPASSWORD", PgFixture.SUPERUSER.password().orElseThrow());
    var process = builder.start();
    clients.add(process);
    PgFixture.eventually(() ->
        primary
            .query("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'sub' AND active")
            .equals("1"));
    return process.pid();
  }

  private void freeze(String pid) {
    var process = ProcessId.of(Integer.parseInt(pid)).orElseThrow();
    stopped.add(process);
    process.signal(PosixCalls.SIGSTOP);
  }

  /** What it says; what it leaves is complete. */
  private static String stopsInTime(PgFixture.Node primary) {
    var began = System.nanoTime();
    var detail = detail(stop(primary));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(DRAIN, DRAIN.plus(ENOUGH));
    assertThat(control(primary).state()).isEqualTo(ControlData.State.SHUT_DOWN);
    assertThat(RunningPostmaster.in(primary.dataDir())).isEmpty();
    return detail;
  }

  private static Outcome stop(PgFixture.Node primary) {
    return new DrainingStop(
            primary.dataDir(),
            DRAIN,
            PgFixture.PATIENCE,
            () -> Optional.of(control(primary).state()))
        .run();
  }

  private static String detail(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done) outcome).detail();
  }

  private static ControlData control(PgFixture.Node primary) {
    var binaries =
        switch (PgBinaries.find(Optional.of(PgFixture.BIN), Optional.empty())) {
          case PgBinaries.Search.Found(var found) -> found;
          case PgBinaries.Search.Missing(var reason) -> throw new AssertionError(reason);
        };
    return switch (ControlData.read(binaries, OsUser.of(primary.dataDir()), primary.dataDir())) {
      case ControlData.Reading.Read(var data) -> data;
      case ControlData.Reading.Unreadable(var reason) -> throw new AssertionError(reason);
    };
  }
}
