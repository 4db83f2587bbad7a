package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.BaseBackup;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * A primary and a standby whom its commits may wait for, without the actors that would look after
 * them. The standby's name is one that PostgreSQL takes for a name only in quotes.
 */
final class SyncScene implements AutoCloseable {
  static final Incarnation A = new Incarnation(new NodeId("a"), 1);
  static final Incarnation B = new Incarnation(new NodeId("Bob's \"other\", b"), 0xBL);
  static final SyncSet BOTH = new SyncSet(Set.of(A, B), 2);
  static final StandbyNames FOR_B = new StandbyNames(false, 1, List.of(IncarnationName.format(B)));

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final String CLIENT = "PostgreSQL JDBC Driver";

  final TestHost primary;
  final TestHost standby;
  private final List<Long> frozen = new ArrayList<>();

  SyncScene() throws Exception {
    primary = new TestHost("a");
    standby = new TestHost("b");
    done(primary.postgres.initialise(primary.dynamic(), SyncScene::deadline, _ -> {}));
    primary.execute("CREATE TABLE t (x int)");
    primary.execute("SELECT pg_create_physical_replication_slot('b', true)");
    done(
        standby.postgres.withTools(tools ->
            new BaseBackup(
                    tools.binaries().directory(),
                    tools.user().switchTo(),
                    standby.dataDir(),
                    standby.postgres.site().mark(),
                    new TreeMap<>())
                .from(
                    new BaseBackup.Source(
                        primary.endpoint(),
                        primary.settings().replication(),
                        "copy",
                        Optional.of("b")),
                    TestHost.PATIENCE)));
    startStandby();
  }

  static long deadline() {
    return HostClock.bootMillis() + LEASE.toMillis();
  }

  static void done(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
  }

  /** The host as a new agent finds it: all that it knows is on disk. */
  static PostgresHost agent(TestHost host) {
    var site = host.postgres.site();
    var hand = new SyncHand(host.settings(), site.tools(), site.guardian().controlDir());
    return new PostgresHost(
        host.agent,
        host.settings(),
        new PostgresHost.Site(site.guardian(), site.mark(), site.numbers(), site.tools(), hand));
  }

  /** The primary waits for nobody, its standby streams, and an agent has noted that. */
  void settle() throws Exception {
    thaw();
    awaitStreaming();
    assertThat(agent(primary).site().synchrony().bring(StandbyNames.NONE))
        .isInstanceOf(SyncInForce.Result.InForce.class);
    assertThat(shown()).isEmpty();
  }

  /** As if synchronous mode had never been asked for. */
  void forgetSetting() throws IOException {
    Files.delete(note());
  }

  private Path note() {
    return primary.postgres.site().guardian().controlDir().resolve("synchronous-standby-names");
  }

  // --- the servers ------------------------------------------------------------------------------

  void startStandby() throws Exception {
    var upstream = Optional.of(new Upstream(A.node(), primary.endpoint()));
    done(
        standby.postgres.withTools(tools ->
            standby.postgres.standby(
                tools, standby.dynamic(), upstream, IncarnationName.format(B), _ -> {})));
    awaitStreaming();
  }

  void stopStandby() {
    done(standby.postgres.stop(false));
  }

  /** By the hand of this agent, as the leader's PostgreSQL is started in place. */
  void restartPrimary(PostgresHost agent, StandbyNames names) {
    done(agent.stop(false));
    done(agent.startPrimary(primary.dynamic(), names, SyncScene::deadline, _ -> {}));
  }

  void awaitStreaming() throws Exception {
    TestHost.eventually(
        "the standby streams",
        () ->
            primary.answers(
                "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", "1"));
  }

  String shown() throws SQLException {
    return shown(primary);
  }

  static String shown(TestHost host) throws SQLException {
    return host.query("SHOW synchronous_standby_names");
  }

  /** All that the standby has on disk, by its own word. */
  Lsn confirmed() throws SQLException {
    return Lsn.parse(primary.query("SELECT flush_lsn FROM pg_stat_replication"));
  }

  // --- clients ----------------------------------------------------------------------------------

  /** Done once PostgreSQL has acknowledged it. */
  CompletableFuture<Void> write() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            primary.execute("INSERT INTO t VALUES (1)");
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        },
        Thread::startVirtualThread);
  }

  void awaitHeld() throws Exception {
    TestHost.eventually(
        "a client waits",
        () ->
            primary.answers(
                "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE wait_event = 'SyncRep' AND application_name = '%s'".formatted(CLIENT),
                "1"));
  }

  // --- processes that hang ----------------------------------------------------------------------

  void freezeCheckpointer() throws Exception {
    freeze(primary.process("checkpointer"));
  }

  /** It goes on counting by the value that it has read. */
  void freezeSender() throws Exception {
    freeze(primary.process("walsender"));
  }

  /** The standby confirms nothing. */
  void freezeReceiver() throws Exception {
    freeze(standby.process("walreceiver"));
  }

  private void freeze(long process) throws Exception {
    TestHost.signal("STOP", process);
    frozen.add(process);
  }

  /** Those that are still there. */
  void thaw() throws Exception {
    for (var process : frozen) {
      if (ProcessHandle.of(process).isPresent()) {
        TestHost.signal("CONT", process);
      }
    }
    frozen.clear();
  }

  @Override
  public void close() throws IOException {
    primary.close();
    standby.close();
  }
}
