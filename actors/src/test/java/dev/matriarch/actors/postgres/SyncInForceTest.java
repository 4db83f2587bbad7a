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
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ServerLogsOnFailure.class)
class SyncInForceTest {
  private static final Incarnation LEADER = incarnation("a", 1);
  private static final Incarnation B = incarnation("Bob's \"other\", b", 0xBL);
  private static final Incarnation C = incarnation("c", -1);

  private static SyncCluster cluster;
  private static Node primary;
  private static Node b;
  private static Node c;

  @BeforeAll
  static void open() throws Exception {
    cluster = new SyncCluster();
    primary = cluster.primary;
    b = cluster.standby("b", B);
    c = cluster.standby("c", C);
  }

  @AfterAll
  static void close() throws IOException {
    cluster.close();
  }

  @AfterEach
  void forNobody() throws Exception {
    cluster.thaw();
    cluster.awaitStreaming(B);
    cluster.awaitStreaming(C);
    inForce(cluster.agent(TIMING).bring(StandbyNames.NONE));
    assertThat(probes()).isEqualTo("0");
  }

  @Test
  void fromNobodyToAQuorumAndBackEachStepIsProven() throws Exception {
    var agent = cluster.agent(TIMING);
    var quorum = inForce(agent.bring(any(1, B, C)));
    assertThat(quorum.proofs())
        .extracting(SyncInForce.Proof::what)
        .contains("commits wait", "a new connection");
    PgFixture.eventually(() -> agent.look().proven().isPresent());
    var set = new SyncSet(Set.of(LEADER, B, C), 2);
    assertThat(agent.state().settings(LEADER)).containsExactly(Optional.of(set));
    assertThat(agent.state().provenSet(LEADER)).contains(set);

    cluster.freeze(SyncCluster.receiver(b));
    write(primary).get(10, TimeUnit.SECONDS);
    cluster.freeze(SyncCluster.receiver(c));
    var waiting = write(primary);
    awaitWaiting();
    cluster.thaw();
    waiting.get(10, TimeUnit.SECONDS);

    inForce(agent.bring(StandbyNames.NONE));
    assertThat(agent.look().settings(LEADER)).containsExactly(Optional.empty());
    cluster.freeze(SyncCluster.receiver(b));
    cluster.freeze(SyncCluster.receiver(c));
    write(primary).get(10, TimeUnit.SECONDS);
  }

  @Test
  void withTheCheckpointerHeldUpNothingIsTakenForReplicated() throws Exception {
    cluster.freeze(cluster.checkpointer());
    cluster.freeze(SyncCluster.receiver(b));
    cluster.freeze(SyncCluster.receiver(c));
    var agent = cluster.agent(HASTY);

    assertThat(notYet(agent.bring(any(1, B, C)))).contains("checkpointer has not read");

    // Every session shows a value that nobody fulfils, and yet commits are acknowledged by nobody.
    assertThat(primary.query("SHOW synchronous_standby_names"))
        .isEqualTo(StandbyNames.HOLD.format());
    write(primary).get(10, TimeUnit.SECONDS);
    assertThat(agent.look().settings(LEADER)).contains(Optional.empty());
    assertThat(agent.look().provenSet(LEADER)).isEmpty();
    assertThat(probes()).isEqualTo("0");

    cluster.thaw();
    inForce(cluster.agent(TIMING).bring(any(1, B, C)));
  }

  @Test
  void agentAndServerThatRestartHalfWayGoOn() throws Exception {
    cluster.freeze(cluster.checkpointer());
    notYet(cluster.agent(HASTY).bring(any(2, B, C)));
    primary.kill();
    cluster.thaw();
    primary.start();

    var after = cluster.agent(TIMING);
    assertThat(after.look().possible()).containsExactly(StandbyNames.NONE, StandbyNames.HOLD);
    assertThat(after.look().asked()).isEqualTo(any(2, B, C));
    var waiting = write(primary);
    awaitWaiting();
    inForce(after.bring(any(2, B, C)));
    waiting.get(10, TimeUnit.SECONDS);
    PgFixture.eventually(() -> after.look().proven().isPresent());

    primary.stop();
    primary.start();
    assertThat(after.look().proven()).as("until it is proven again").isEmpty();
    assertThat(after.look().possible()).containsExactly(any(2, B, C));
    inForce(after.bring(any(2, B, C)));
    PgFixture.eventually(() -> after.look().proven().isPresent());
  }

  @Test
  void transactionThatBeganBeforeWaitsAsWell() throws Exception {
    try (var old = primary.open()) {
      old.setAutoCommit(false);
      try (var statement = old.createStatement()) {
        statement.execute("INSERT INTO t (note) VALUES ('old')");
        inForce(cluster.agent(TIMING).bring(any(1, B)));
        cluster.freeze(SyncCluster.receiver(b));
        var commit =
            CompletableFuture.runAsync(
                () -> {
                  try {
                    old.commit();
                  } catch (SQLException e) {
                    throw new IllegalStateException(e);
                  }
                },
                Thread::startVirtualThread);
        awaitWaiting();
        assertThat(commit).isNotDone();
        cluster.thaw();
        commit.get(10, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void walsenderThatHasNotReadTheValueKeepsItFromBeingInForce() throws Exception {
    var agent = cluster.agent(HASTY);
    inForce(agent.bring(any(1, B, C)));
    cluster.freeze(cluster.sender(B));
    assertThat(notYet(agent.bring(any(1, C)))).contains("still counts");
    assertThat(agent.look().settings(LEADER))
        .containsExactlyInAnyOrder(
            Optional.of(new SyncSet(Set.of(LEADER, B, C), 2)),
            Optional.of(new SyncSet(Set.of(LEADER, C), 2)));
    assertThat(agent.look().proven()).isEmpty();

    cluster.thaw();
    cluster.awaitStreaming(B); // it was to be ended, and comes back
    inForce(agent.bring(any(1, C)));
    PgFixture.eventually(() -> agent.look().provenSet(LEADER).isPresent());
    assertThat(agent.look().provenSet(LEADER)).contains(new SyncSet(Set.of(LEADER, C), 2));
  }

  @Test
  void standbyThatDoesNotAnswerIsConnectedAnewAndCountsOnceItHasCaughtUp() throws Exception {
    var agent = cluster.agent(TIMING);
    inForce(agent.bring(any(1, B, C)));
    cluster.freeze(SyncCluster.receiver(b));
    var sender = cluster.sender(B);
    inForce(agent.bring(any(2, B, C)));
    // What is left of its process has only to end.
    assertThat(primary.query("SELECT count(*) FROM pg_stat_replication WHERE pid = " + sender))
        .as("it could not be proven that it has read")
        .isEqualTo("0");
    assertThat(agent.look().proven()).isEmpty();
    cluster.thaw();
    PgFixture.eventually(() -> agent.look().proven().isPresent());
  }

  /** Names of others, more and fewer copies, back and forth: no commit is lost on the way. */
  @Test
  void membersAreAddedRemovedAndExchanged() throws Exception {
    var agent = cluster.agent(TIMING);
    for (var value :
        new StandbyNames[] {
          any(1, B), any(1, B, C), any(2, B, C), any(1, C), any(1, B), any(2, C, B), any(1, B, C)
        }) {
      inForce(agent.bring(value));
      assertThat(primary.query("SHOW synchronous_standby_names")).isEqualTo(value.format());
      PgFixture.eventually(() -> agent.look().proven().equals(Optional.of(value)));
      write(primary).get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void secondConnectionOfOneNameDoesNotCount() throws Exception {
    var agent = cluster.agent(HASTY);
    try (var second =
        PgConnection.to(primary.endpoint(), PgFixture.REPLICATION)
            .openReplication(IncarnationName.format(B), Duration.ofSeconds(30))) {
      assertThat(second.isClosed()).isFalse();
      var pid = strayOf(B);
      cluster.freeze(pid);
      assertThat(notYet(agent.bring(any(1, B, C)))).contains("without a physical slot");
      assertThat(agent.look().proven()).isEmpty();
      cluster.thaw();
      inForce(agent.bring(any(1, B, C)));
      assertThat(ProcessId.of(pid)).isEmpty();
    }
  }

  @Test
  void errorInTheConfigurationIsNamed() throws Exception {
    primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'by_hand'");
    inForce(cluster.agent(TIMING).bring(any(1, B)));
    assertThat(primary.query("SHOW synchronous_standby_names")).isEqualTo(any(1, B).format());
    var base = primary.dataDir().resolve("postgresql.base.conf");
    var good = Files.readString(base);
    Files.writeString(base, good + "no setting at all\n");
    try {
      assertThat(notYet(cluster.agent(HASTY).bring(any(1, C))))
          .contains("postgresql.base.conf")
          .contains("syntax error");
    } finally {
      Files.writeString(base, good);
    }
  }

  @Test
  void valueSetByHandIsReportedUntilItIsReplaced() throws Exception {
    var agent = cluster.agent(TIMING);
    inForce(agent.bring(any(1, B, C)));
    PgFixture.eventually(() -> agent.look().proven().isPresent());
    primary.execute("ALTER SYSTEM SET synchronous_standby_names = ''");
    primary.execute("SELECT pg_reload_conf()");
    PgFixture.eventually(() -> agent.look().settings(LEADER).contains(Optional.empty()));
    assertThat(agent.look().proven()).isEmpty();
    inForce(agent.bring(any(1, B, C)));
    assertThat(agent.look().settings(LEADER)).doesNotContain(Optional.empty());
  }

  private static int strayOf(Incarnation standby) throws SQLException {
    return Integer.parseInt(
        primary.query(
            "SELECT pid FROM pg_stat_replication r WHERE application_name = '%s' AND NOT EXISTS (SELECT FROM pg_replication_slots WHERE active_pid = r.pid)"
                .formatted(IncarnationName.format(standby).replace("'", "''"))));
  }

  static String probes() throws SQLException {
    return primary.query(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '%s'"
            .formatted(CommitProbe.NAME));
  }

  static CompletableFuture<Void> write(Node node) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            node.execute("INSERT INTO t (note) VALUES ('x')");
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        },
        Thread::startVirtualThread);
  }

  private static void awaitWaiting() throws Exception {
    PgFixture.eventually(() ->
        primary
            .query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            .equals("1"));
  }
}
