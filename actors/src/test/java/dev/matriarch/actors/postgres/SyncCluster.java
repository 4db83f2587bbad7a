package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A primary with the agent's configuration, and standbys that stream by name and slot. */
final class SyncCluster implements AutoCloseable {
  static final SyncInForce.Timing TIMING =
      new SyncInForce.Timing(Duration.ofSeconds(8), Duration.ofSeconds(3), Duration.ofSeconds(60));

  /** For what is not to work. */
  static final SyncInForce.Timing HASTY =
      new SyncInForce.Timing(Duration.ofMillis(700), Duration.ofMillis(300), Duration.ofSeconds(1));

  final PgFixture fixture;
  final Node primary;
  private final List<Integer> frozen = new ArrayList<>();

  SyncCluster() throws Exception {
    fixture = new PgFixture();
    primary = fixture.primary("a");
    primary.configure("max_wal_senders = 20", "wal_receiver_status_interval = '1s'");
    var written = conf(primary).write(new TreeMap<>(), new PgConf.ServerRole.Primary());
    assertThat(written).isEqualTo(new PgConf.Result.Written(true));
    primary.stop();
    assertThat(agent(TIMING).beforeStart(StandbyNames.NONE)).isInstanceOf(Outcome.Done.class);
    primary.start();
    primary.execute("CREATE TABLE t (id bigserial PRIMARY KEY, note text)");
  }

  /** A standby of this name; its slot is called after its directory. */
  Node standby(String directory, Incarnation incarnation) throws Exception {
    primary.execute("SELECT pg_create_physical_replication_slot('%s', true)".formatted(directory));
    var node = fixture.copy(directory, primary);
    node.follow(primary);
    var name = IncarnationName.format(incarnation).replace("\\", "\\\\").replace("'", "\\'");
    var conninfo =
        "host=127.0.0.1 port=%d user=repl password='repl\\'secret' application_name='%s'"
            .formatted(primary.port(), name);
    node.configure(
        "primary_conninfo = " + PgConf.quote(conninfo),
        "primary_slot_name = '%s'".formatted(directory));
    node.start();
    awaitStreaming(incarnation);
    return node;
  }

  void awaitStreaming(Incarnation incarnation) throws Exception {
    PgFixture.eventually(() ->
        primary.status().walSenders().stream()
            .anyMatch(it ->
                it.applicationName().equals(IncarnationName.format(incarnation))
                    && it.state().equals("streaming")));
  }

  static PgConf conf(Node node) {
    return new PgConf(node.dataDir(), TestInstance.BINARIES.version());
  }

  /** A new agent: all that it knows is on disk. */
  SyncInForce agent(SyncInForce.Timing timing) {
    return agent(primary, timing);
  }

  static SyncInForce agent(Node node, SyncInForce.Timing timing) {
    return new SyncInForce(
        new SyncInForce.Place(
            PgConnection.to(node.endpoint(), PgFixture.SUPERUSER),
            conf(node),
            new SyncSettingFile(node.controlDir())),
        timing);
  }

  static SyncInForce.Result.InForce inForce(SyncInForce.Result result) {
    assertThat(result).isInstanceOf(SyncInForce.Result.InForce.class);
    return (SyncInForce.Result.InForce) result;
  }

  static String notYet(SyncInForce.Result result) {
    assertThat(result).isInstanceOf(SyncInForce.Result.NotYet.class);
    return ((SyncInForce.Result.NotYet) result).because();
  }

  static StandbyNames any(int count, Incarnation... members) {
    return new StandbyNames(
        false, count, List.of(members).stream().map(IncarnationName::format).toList());
  }

  static Incarnation incarnation(String node, long number) {
    return new Incarnation(new NodeId(node), number);
  }

  int checkpointer() throws SQLException {
    return Integer.parseInt(
        primary.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"));
  }

  int sender(Incarnation standby) throws SQLException {
    return Integer.parseInt(
        primary.query(
            "SELECT pid FROM pg_stat_replication WHERE application_name = '%s'"
                .formatted(IncarnationName.format(standby).replace("'", "''"))));
  }

  static int receiver(Node standby) throws SQLException {
    return Integer.parseInt(standby.query("SELECT pid FROM pg_stat_wal_receiver"));
  }

  void freeze(int pid) {
    assertThat(PosixCalls.kill(pid, PosixCalls.SIGSTOP)).isZero();
    frozen.add(pid);
  }

  void thaw() {
    frozen.forEach(pid -> PosixCalls.kill(pid, PosixCalls.SIGCONT));
    frozen.clear();
  }

  @Override
  public void close() throws IOException {
    thaw();
    fixture.close();
  }
}
