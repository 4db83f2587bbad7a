package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.actors.postgres.StandbyFence.Limits;
import dev.matriarch.actors.postgres.StandbyFence.Result.Fenced;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An instance of the fixture with a fence. To be closed before the fixture. */
final class FencedNode implements AutoCloseable {
  /** A busy host makes no test take another way. */
  static final Limits LIMITS =
      new Limits(Duration.ofSeconds(10), Duration.ofSeconds(2), PgFixture.PATIENCE);

  /** Where replay is held, waiting is of no use. */
  static final Limits IMPATIENT =
      new Limits(Duration.ofMillis(200), Duration.ofMillis(500), PgFixture.PATIENCE);

  final Node node;
  final StandbyFence fence;
  final GuardianHome home;
  private final List<Guardian> guardians = new ArrayList<>();

  FencedNode(Node node) throws IOException {
    this.node = node;
    // The copy that it is made from was seen to be consistent.
    node.mark().clear();
    home = new GuardianHome(TestInstance.GUARDIAN, node.controlDir(), node.dataDir());
    fence = newFence();
  }

  /** As an agent has it that was started again. */
  StandbyFence newFence() {
    var place =
        new StandbyFence.Place(
            node.dataDir(),
            TestInstance.BINARIES.version(),
            node.numbers(),
            node.mark(),
            PgConnection.to(node.endpoint(), PgFixture.SUPERUSER),
            PgConnection.to(node.endpoint(), PgFixture.REPLICATION));
    return new StandbyFence(place, this::start, guardians::add);
  }

  PgStart start() {
    return new PgStart(home, TestInstance.BINARIES, OsUser.of(node.dataDir()), new TreeMap<>());
  }

  Fenced fenced() {
    return fenced(fence.fence(LIMITS));
  }

  /** Of one that the fence finds hung, or held up in its replay. */
  Fenced fencedWhileHeld() {
    assertThat(fence.prepare()).isTrue();
    return fenced(fence.fence(IMPATIENT));
  }

  static Fenced fenced(StandbyFence.Result result) {
    assertThat(result).isInstanceOf(Fenced.class);
    return (Fenced) result;
  }

  /** Follows again, as an agent does it. */
  void release(Node upstream) throws Exception {
    assertThat(fence.redirect(conninfo(upstream).format()))
        .isInstanceOf(PgConf.Result.Written.class);
    PgFixture.assertDone(new PgReload(node.dataDir()).run());
  }

  Conninfo conninfo(Node upstream) {
    var passfile = node.home().resolve("pgpass");
    var entry =
        new PgPass.Entry(
            "*",
            "*",
            "*",
            PgFixture.REPLICATION.username(),
            PgFixture.REPLICATION.password().orElseThrow());
    PgFixture.assertDone(new PgPass(passfile).write(List.of(entry), node.dataDir()));
    return new Conninfo(
        upstream.endpoint(),
        PgFixture.REPLICATION.username(),
        node.name(),
        passfile,
        new TreeMap<>());
  }

  /** The end of the last record that it has replayed. */
  Position position() throws SQLException {
    var identified =
        new ReplicationProtocol(PgConnection.to(node.endpoint(), PgFixture.REPLICATION))
            .identifySystem();
    return new Position(identified.position().timeline(), replayed());
  }

  /** It comes to this position, if it is not there yet, and stays. */
  void assertStays(Position position) throws Exception {
    PgFixture.eventually(() -> position().equals(position));
    remains(Duration.ofMillis(400), () -> position().equals(position));
  }

  Lsn replayed() throws SQLException {
    return Lsn.parse(node.query("SELECT pg_last_wal_replay_lsn()"));
  }

  String startupWaitsFor() throws SQLException {
    return node.query(
        "SELECT coalesce(wait_event, '') FROM pg_stat_activity WHERE backend_type = 'startup'");
  }

  /** Stops as an operator would, and starts without any agent. */
  void restart() {
    node.stop();
    node.start();
  }

  static void remains(Duration duration, Callable<Boolean> condition) throws Exception {
    var until = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < until) {
      assertThat(condition.call()).isTrue();
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  @Override
  public void close() throws IOException {
    fence.close();
    node.kill();
    for (var guardian : guardians) {
      guardian.close();
      ProcessExit.watch(guardian.process())
          .orTimeout(PgFixture.PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .join();
    }
  }
}
