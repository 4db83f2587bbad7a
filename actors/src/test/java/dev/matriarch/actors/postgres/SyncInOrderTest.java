package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.SyncCluster.TIMING;
import static dev.matriarch.actors.postgres.SyncCluster.any;
import static dev.matriarch.actors.postgres.SyncCluster.inForce;
import static dev.matriarch.actors.postgres.SyncCluster.incarnation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Values of {@code FIRST}, as they are set for chosen standbys: two of three. */
@ExtendWith(ServerLogsOnFailure.class)
class SyncInOrderTest {
  private static final Incarnation LEADER = incarnation("a", 1);
  private static final Incarnation B = incarnation("Bob's \"other\", b", 0xBL);
  private static final Incarnation C = incarnation("c", -1);
  private static final Incarnation D = incarnation("d", 0xDL);

  private static SyncCluster cluster;
  private static Node primary;
  private static Node b;
  private static Node c;
  private static Node d;

  @BeforeAll
  static void open() throws Exception {
    cluster = new SyncCluster();
    primary = cluster.primary;
    b = cluster.standby("b", B);
    c = cluster.standby("c", C);
    d = cluster.standby("d", D);
  }

  @AfterAll
  static void close() throws IOException {
    cluster.close();
  }

  @AfterEach
  void forNobody() throws Exception {
    cluster.thaw();
    for (var standby : List.of(B, C, D)) {
      cluster.awaitStreaming(standby);
    }
    inForce(cluster.agent(TIMING).bring(StandbyNames.NONE));
  }

  @Test
  void commitsWaitForBothThatAreNamedAndNotForTheThird() throws Exception {
    var agent = cluster.agent(TIMING);
    inForce(agent.bring(first(B, C)));
    assertThat(primary.query("SHOW synchronous_standby_names"))
        .isEqualTo("FIRST 2 (\"Bob's \"\"other\"\", b_000000000000000b\", \"c_ffffffffffffffff\")");
    assertThat(states()).isEqualTo("Bob's sync 1, c_fff sync 2, d_000 async 0");
    untilProven(agent, first(B, C));
    var set = new SyncSet(Set.of(LEADER, B, C), 3);
    assertThat(agent.state().provenSet(LEADER)).contains(set);
    assertThat(agent.state().settings(LEADER)).containsExactly(Optional.of(set));

    cluster.freeze(SyncCluster.receiver(d));
    write();
    assertThatCommitsWaitFor(c);
    assertThatCommitsWaitFor(b);
  }

  /** One after the other, also to a quorum of the same names and back. */
  @Test
  void membersAreAddedRemovedAndExchanged() throws Exception {
    var agent = cluster.agent(TIMING);
    for (var value :
        List.of(
            first(B),
            first(B, C),
            first(B, D),
            any(2, B, D),
            first(D, B),
            first(C),
            any(1, B, C, D),
            first(C, D))) {
      inForce(agent.bring(value));
      assertThat(primary.query("SHOW synchronous_standby_names")).isEqualTo(value.format());
      assertThat(agent.state().possible()).containsExactly(value);
      untilProven(agent, value);
      write();
    }
    assertThatCommitsWaitFor(d);
    assertThatCommitsWaitFor(c);
  }

  /** It has to be proven that the others do not count any more, and that the new one does. */
  @Test
  void whoLeavesIsNotWaitedForAnyMoreAndWhoComesIs() throws Exception {
    var agent = cluster.agent(TIMING);
    inForce(agent.bring(first(B, C)));
    cluster.freeze(SyncCluster.receiver(c));
    var waiting = SyncInForceTest.write(primary);
    awaitWaiting();
    inForce(agent.bring(first(B, D)));
    waiting.get(10, TimeUnit.SECONDS);
    untilProven(agent, first(B, D));
    assertThatCommitsWaitFor(d);
  }

  @Test
  void namesInAnotherCaseAreTheSameStandbys() throws Exception {
    var agent = cluster.agent(TIMING);
    var value = inAnotherCase(first(B, C));
    inForce(agent.bring(value));
    assertThat(primary.query("SHOW synchronous_standby_names"))
        .isEqualTo("FIRST 2 (\"bOB'S \"\"OTHER\"\", B_000000000000000B\", \"C_FFFFFFFFFFFFFFFF\")");
    assertThat(states()).isEqualTo("Bob's sync 1, c_fff sync 2, d_000 async 0");
    untilProven(agent, value);
    assertThatCommitsWaitFor(c);

    // By hand, to what means the same: nothing else is possible, and nothing has to be proven.
    primary.execute(
        "ALTER SYSTEM SET synchronous_standby_names = '%s'"
            .formatted(first(B, C).format().replace("'", "''")));
    primary.execute("SELECT pg_reload_conf()");
    PgFixture.eventually(
        () -> primary.query("SHOW synchronous_standby_names").equals(first(B, C).format()));
    assertThat(agent.look().possible()).containsExactly(value);
    assertThat(agent.look().proven()).contains(value);
    assertThat(inForce(agent.bring(first(B, C))).proofs()).isEmpty();
    assertThat(agent.look().asked()).isEqualTo(first(B, C));
  }

  /** More names than are waited for: who comes first may be any of them at any time. */
  @Test
  void twoOfThreeInOrderIsNoneOfOurValuesAndPromisesNothing() throws Exception {
    var agent = cluster.agent(TIMING);
    inForce(agent.bring(first(B, C)));
    untilProven(agent, first(B, C));
    var three = new StandbyNames(true, 2, first(B, C, D).names());
    primary.execute(
        "ALTER SYSTEM SET synchronous_standby_names = '%s'"
            .formatted(three.format().replace("'", "''")));
    primary.execute("SELECT pg_reload_conf()");
    PgFixture.eventually(() -> states().equals("Bob's sync 1, c_fff sync 2, d_000 potential 3"));
    assertThat(agent.look().possible()).containsExactly(first(B, C), three);
    assertThat(agent.look().settings(LEADER))
        .containsExactlyInAnyOrder(
            Optional.empty(), Optional.of(new SyncSet(Set.of(LEADER, B, C), 3)));
    assertThat(agent.look().proven()).isEmpty();
    inForce(agent.bring(first(B, C)));
    untilProven(agent, first(B, C));
    assertThat(agent.look().settings(LEADER)).doesNotContain(Optional.empty());
  }

  private static StandbyNames first(Incarnation... members) {
    return new StandbyNames(true, members.length, any(1, members).names());
  }

  private static StandbyNames inAnotherCase(StandbyNames names) {
    return new StandbyNames(
        names.inOrder(),
        names.count(),
        names.names().stream().map(SyncInOrderTest::inAnotherCase).toList());
  }

  private static String inAnotherCase(String name) {
    var first = name.substring(0, 1);
    return name.startsWith("B")
        ? first.toLowerCase(Locale.ROOT) + name.substring(1).toUpperCase(Locale.ROOT)
        : name.toUpperCase(Locale.ROOT);
  }

  /** What PostgreSQL itself takes them for, with the beginnings of their names. */
  private static String states() throws SQLException {
    return primary.query(
        "SELECT string_agg(left(application_name, 5) || ' ' || sync_state || ' ' || sync_priority,"
            + " ', ' ORDER BY application_name COLLATE \"C\") FROM pg_stat_replication");
  }

  private static void untilProven(SyncInForce agent, StandbyNames value) throws Exception {
    PgFixture.eventually(() -> agent.look().proven().equals(Optional.of(value)));
  }

  private static void write() throws Exception {
    SyncInForceTest.write(primary).get(10, TimeUnit.SECONDS);
  }

  private static void assertThatCommitsWaitFor(Node standby) throws Exception {
    cluster.freeze(SyncCluster.receiver(standby));
    var commit = SyncInForceTest.write(primary);
    awaitWaiting();
    assertThat(commit).isNotDone();
    cluster.thaw();
    commit.get(10, TimeUnit.SECONDS);
  }

  private static void awaitWaiting() throws Exception {
    PgFixture.eventually(() ->
        primary
            .query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            .equals("1"));
  }
}
