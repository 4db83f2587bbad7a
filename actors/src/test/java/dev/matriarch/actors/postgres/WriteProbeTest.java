package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.WriteProbe.Answer;
import dev.matriarch.actors.postgres.WriteProbe.Stage;
import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.protocol.ha.WritePath.Fault;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What one attempt says of a real server. */
class WriteProbeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.CONNECTING);

  private Answer attempt(TestInstance instance, Optional<Lsn> last, boolean due) {
    return probe(instance, PATIENCE).attempt(last, due, stage::set);
  }

  private static WriteProbe probe(TestInstance instance, Duration patience) {
    var superuser = new Credentials("postgres", Optional.empty());
    var server = PgConnection.to(new Endpoint("127.0.0.1", instance.port), superuser);
    return new WriteProbe(server, patience);
  }

  private static Lsn written(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Written.class);
    return ((Answer.Written) answer).flushed();
  }

  private static Lsn flushed(TestInstance instance) throws SQLException {
    return Lsn.parse(instance.query("SELECT pg_current_wal_flush_lsn()"));
  }

  @Test
  void anIdleServerCommitsWhenItIsDueAndOnlyThen() throws Exception {
    try (var instance = TestInstance.create()) {
      instance.primary();
      var first = written(attempt(instance, Optional.empty(), true));
      var before = flushed(instance);
      assertThat(attempt(instance, Optional.of(before), false)).isEqualTo(new Answer.Idle(before));
      assertThat(flushed(instance)).isEqualTo(before);
      assertThat(written(attempt(instance, Optional.of(before), true))).isGreaterThan(first);
      assertThat(flushed(instance).bytes() - before.bytes()).as("bytes of WAL").isLessThan(400);
    }
  }

  @Test
  void whatOthersHaveWrittenIsProofAndCostsNothing() throws Exception {
    try (var instance = TestInstance.create()) {
      instance.primary();
      var last = written(attempt(instance, Optional.empty(), true));
      instance.query("SELECT pg_logical_emit_message(true, 'test', '')");
      var end = flushed(instance);
      assertThat(attempt(instance, Optional.of(last), true)).isEqualTo(new Answer.Written(end));
      assertThat(flushed(instance)).isEqualTo(end);
    }
  }

  @Test
  void aServerThatArchivesByTimeGetsNoSegmentForItsIdleness() throws Exception {
    try (var instance = TestInstance.create()) {
      instance.configure("archive_mode", "on");
      instance.configure("archive_command", "true");
      instance.configure("archive_timeout", "60");
      instance.primary();
      var end = flushed(instance);
      assertThat(attempt(instance, Optional.of(end), true)).isEqualTo(new Answer.Idle(end));
      assertThat(flushed(instance)).isEqualTo(end);
    }
  }

  @Test
  void aCommitThatWaitsForAStandbyIsNoSickness() throws Exception {
    try (var instance = TestInstance.create()) {
      instance.configure("synchronous_standby_names", "nobody");
      instance.primary();
      assertThat(
              CompletableFuture.supplyAsync(() -> attempt(instance, Optional.empty(), true))
                  .get(10, TimeUnit.SECONDS))
          .isInstanceOf(Answer.Written.class);
    }
  }

  @Test
  void aFrozenPostmasterGivesNewcomersNoAnswerWhileOpenSessionsGoOn() throws Exception {
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();
      try (var open = instance.connect();
          var statement = open.createStatement()) {
        guardian.postmaster().signal(PosixCalls.SIGSTOP);
        var attempt =
            CompletableFuture.supplyAsync(() -> attempt(instance, Optional.empty(), true));
        assertThat(TestInstance.survives(guardian, Duration.ofSeconds(1))).isTrue();
        assertThat(attempt).isNotDone();
        assertThat(stage.get()).isEqualTo(Stage.CONNECTING);
        statement.execute("SELECT pg_logical_emit_message(true, 'test', '')");
        assertThat(probe(instance, Duration.ofSeconds(1)).attempt(Optional.empty(), true, _ -> {}))
            .isEqualTo(new Answer.Failed(Fault.SILENT, "there is no answer"));
        guardian.postmaster().signal(PosixCalls.SIGCONT);
        assertThat(attempt.get(10, TimeUnit.SECONDS)).isInstanceOf(Answer.Written.class);
      }
    }
  }

  @Test
  void aFrozenPostmasterIsStoppedInOrder() throws Exception {
    try (var instance = TestInstance.create()) {
      var guardian = instance.primary();
      guardian.postmaster().signal(PosixCalls.SIGSTOP);
      assertThat(instance.stop(PgStop.Mode.FAST)).isInstanceOf(Outcome.Done.class);
      assertThat(instance.control().state()).isEqualTo(ControlData.State.SHUT_DOWN);
    }
  }

  @Test
  void aCommitDoesNotReturnWhileTheDiskHangs() throws Exception {
    try (var disk = FrozenDisk.make();
        var instance = TestInstance.in(disk.root)) {
      var guardian = instance.primary();
      assertThat(attempt(instance, Optional.empty(), true)).isInstanceOf(Answer.Written.class);
      disk.freeze();
      var attempt = CompletableFuture.supplyAsync(() -> attempt(instance, Optional.empty(), true));
      assertThat(TestInstance.survives(guardian, Duration.ofSeconds(1))).isTrue();
      assertThat(attempt).isNotDone();
      disk.thaw();
      assertThat(attempt.get(10, TimeUnit.SECONDS)).isInstanceOf(Answer.Written.class);
    }
  }

  @Test
  void thatAllConnectionsAreTakenSaysNothingOfCommits() throws Exception {
    try (var instance = TestInstance.create()) {
      instance.configure("max_connections", "12");
      instance.configure("superuser_reserved_connections", "2");
      instance.configure("max_wal_senders", "4");
      instance.primary();
      var taken = new ArrayList<Connection>();
      try {
        assertThat(takeAll(instance, taken).getSQLState()).isEqualTo("53300");
        assertThat(attempt(instance, Optional.empty(), true)).isInstanceOf(Answer.Refused.class);
      } finally {
        for (var connection : taken) {
          connection.close();
        }
      }
    }
  }

  private static SQLException takeAll(TestInstance instance, List<Connection> taken) {
    try {
      while (true) {
        taken.add(instance.connect());
      }
    } catch (SQLException e) {
      return e;
    }
  }

  @Test
  void aServerThatIsDownOrAStandbyIsNotJudged() throws Exception {
    try (var instance = TestInstance.create()) {
      assertThat(attempt(instance, Optional.empty(), true)).isInstanceOf(Answer.NotServing.class);
      instance.standby();
      assertThat(attempt(instance, Optional.empty(), true)).isInstanceOf(Answer.NotServing.class);
    }
  }

  @Test
  void errorsAreToldApartByTheirCode() {
    assertThat(WriteProbe.classify(new SQLException("no room\nmore", "53100")))
        .isEqualTo(new Answer.Failed(Fault.FULL, "no room"));
    assertThat(WriteProbe.classify(new SQLException("i/o", "58030")))
        .isEqualTo(new Answer.Failed(Fault.BROKEN, "i/o"));
    assertThat(WriteProbe.classify(new SQLException("odd", "XX000")))
        .isEqualTo(new Answer.Failed(Fault.BROKEN, "odd"));
    for (var state : new String[] {"57P01", "57P02", "57P03", "08001", "08006"}) {
      assertThat(WriteProbe.classify(new SQLException("gone", state)))
          .isEqualTo(new Answer.NotServing("gone"));
    }
    for (var state : new String[] {"53300", "28P01", "53200", "25006", null}) {
      assertThat(WriteProbe.classify(new SQLException("no", state)))
          .isEqualTo(new Answer.Refused("no"));
    }
  }

  @Test
  void roomIsMeasuredInSegments() throws Exception {
    try (var disk = FrozenDisk.make();
        var instance = TestInstance.in(disk.root)) {
      var space = WalSpace.of(instance.dataDir).orElseThrow();
      assertThat(space.segmentBytes()).isEqualTo(1 << 20);
      assertThat(space.isRoomy()).isTrue();
      assertThat(space.isFull()).isFalse();
      disk.fill();
      var full = WalSpace.of(instance.dataDir).orElseThrow();
      assertThat(full.isFull()).isTrue();
      assertThat(full.isRoomy()).isFalse();
      assertThat(WalSpace.of(instance.dataDir.resolve("absent"))).isEmpty();
    }
  }
}
