package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.SUPERUSER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.InstanceStatus.Following;
import dev.matriarch.actors.postgres.InstanceStatus.Primary;
import dev.matriarch.actors.postgres.InstanceStatus.Standby;
import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.actors.postgres.StatusQuery.Answer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StatusQueryTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static PgFixture fixture;
  private static Node primary;
  private static Node standby;

  @BeforeAll
  static void open() throws Exception {
    fixture = new PgFixture();
    primary = fixture.primary("a");
    standby = fixture.standby("b", primary);
  }

  @AfterAll
  static void close() throws IOException {
    fixture.close();
  }

  @Test
  void primaryTellsItsTimelineItsEndAndWhoStreams() throws Exception {
    primary.execute("SELECT pg_create_physical_replication_slot('kept', true)");
    primary.execute("SELECT pg_create_physical_replication_slot('unused')");
    var status = ask(primary);
    assertThat(status.serverVersion()).isGreaterThan(120_000);
    assertThat(status.startedAt()).isBetween(Instant.now().minusSeconds(600), Instant.now());
    assertThat(status.pendingRestart()).isFalse();
    assertThat(status.role())
        .isInstanceOfSatisfying(
            Primary.class,
            role -> {
              assertThat(role.timeline()).isEqualTo(1);
              assertThat(role.written()).isGreaterThanOrEqualTo(role.flushed());
            });
    assertThat(status.walSenders())
        .filteredOn(sender -> sender.applicationName().equals("b"))
        .singleElement()
        .satisfies(sender -> {
          assertThat(sender.user()).isEqualTo("repl");
          assertThat(sender.applicationName()).isEqualTo("b");
          assertThat(sender.clientAddress()).contains("127.0.0.1");
          assertThat(sender.state()).isEqualTo("streaming");
          assertThat(sender.syncState()).isEqualTo("async");
          assertThat(sender.flushed()).isPresent();
        });
    assertThat(status.slots())
        .extracting(slot -> slot.name() + slot.restartLsn().isPresent() + slot.physical())
        .containsExactlyInAnyOrder("kepttruetrue", "unusedfalsetrue");
    assertThat(status.systemIdentifier()).isEqualTo(ask(standby).systemIdentifier());
  }

  @Test
  void standbyTellsWhatItReceivedReplayedAndFromWhom() throws Exception {
    primary.execute("CREATE TABLE IF NOT EXISTS t (n int)");
    primary.execute("INSERT INTO t VALUES (1)");
    var end = ((Primary) ask(primary).role()).flushed();
    PgFixture.eventually(
        () -> ((Standby) ask(standby).role()).replayed().orElseThrow().compareTo(end) >= 0);
    var role = (Standby) ask(standby).role();
    assertThat(role.timeline()).isEqualTo(1);
    assertThat(role.received().orElseThrow()).isGreaterThanOrEqualTo(end);
    assertThat(role.replayedAt().orElseThrow()).isAfter(Instant.now().minusSeconds(600));
    assertThat(role.replayPaused()).isFalse();
    assertThat(role.upstream().conninfo()).contains("port=" + primary.port());
    assertThat(role.toString()).doesNotContain("secret");
    var receiver = role.walReceiver().orElseThrow();
    assertThat(receiver.status()).isEqualTo("streaming");
    assertThat(receiver.silence())
        .hasValueSatisfying(it -> assertThat(it).isLessThan(Duration.ofMinutes(1)));
    assertThat(receiver.sender()).contains(primary.endpoint());
    assertThat(receiver.latestEnd()).isPresent();
    assertThat(role.following(primary.endpoint(), 1)).isEqualTo(new Following.Yes());
    assertThat(role.following(primary.endpoint(), 2)).isInstanceOf(Following.No.class);
    assertThat(role.following(standby.endpoint(), 1)).isInstanceOf(Following.No.class);
  }

  @Test
  void whatIsAskedOftenIsAnsweredTheSameWay() throws Exception {
    for (var node : List.of(primary, standby)) {
      try (var query = query(node)) {
        var first = answered(query);
        for (var time = 0; time < 10; time++) { // the driver prepares it on the server by then
          var again = answered(query);
          assertThat(again.startedAt()).isEqualTo(first.startedAt());
          assertThat(again.systemIdentifier()).isEqualTo(first.systemIdentifier());
          assertThat(again.serverVersion()).isEqualTo(first.serverVersion());
          assertThat(again.slots()).hasSameSizeAs(first.slots());
          assertThat(again.walSenders()).hasSameSizeAs(first.walSenders());
          assertThat(again.role()).hasSameClassAs(first.role());
          if (again.role() instanceof Standby now && first.role() instanceof Standby before) {
            assertThat(now.replayedAt()).isEqualTo(before.replayedAt());
            assertThat(now.walReceiver().flatMap(it -> it.sender()))
                .isEqualTo(before.walReceiver().flatMap(it -> it.sender()));
          }
        }
      }
    }
  }

  private static InstanceStatus answered(StatusQuery query) {
    return ((StatusQuery.Answer.Answered) query.ask()).status();
  }

  @Test
  void settingThatNeedsARestartIsSeen() throws Exception {
    var node = fixture.standby("pending", primary);
    node.execute("ALTER SYSTEM SET max_connections = 110");
    node.execute("SELECT pg_reload_conf()");
    PgFixture.eventually(() -> ask(node).pendingRestart());
  }

  @Test
  void serverThatLetsNobodyInIsNotTakenForDead() throws Exception {
    var node = fixture.standby("closed", primary);
    node.stop();
    node.configure("hot_standby = off");
    node.start();
    try (var query = query(node)) {
      assertThat(query.ask()).isInstanceOf(Answer.NotAccepting.class);
    }
  }

  @Test
  void stoppedServerIsUnreachableAndFoundAgainAfterItsStart() throws Exception {
    var node = fixture.standby("restarted", primary);
    try (var query = query(node)) {
      assertThat(query.ask()).isInstanceOf(Answer.Answered.class);
      node.kill();
      assertThat(query.ask()).isInstanceOf(Answer.Unreachable.class);
      assertThat(query.ask()).isInstanceOf(Answer.Unreachable.class);
      node.start();
      assertThat(query.ask()).isInstanceOf(Answer.Answered.class);
    }
  }

  @Test
  void serverThatHangsTimesOut() throws Exception {
    var target = PgConnection.to(primary.endpoint(), SUPERUSER);
    try (var query = new StatusQuery(target, Duration.ofMillis(200))) {
      assertThat(query.ask()).isInstanceOf(Answer.Answered.class);
      var pid =
          primary.query(
              "SELECT pid FROM pg_stat_activity WHERE application_name = 'Patroni heartbeat'");
      signal("-STOP", pid);
      try {
        assertThat(query.ask()).isInstanceOf(Answer.TimedOut.class);
      } finally {
        signal("-CONT", pid);
      }
      assertThat(query.ask()).isInstanceOf(Answer.Answered.class);
    }
  }

  @Test
  void wrongPasswordIsSaidInTheReason() {
    var wrong =
        new dev.matriarch.config.PostgresSettings.Credentials("postgres", Optional.of("wrong"));
    try (var query = new StatusQuery(PgConnection.to(primary.endpoint(), wrong), TIMEOUT)) {
      assertThat(query.ask())
          .isInstanceOfSatisfying(
              Answer.Unreachable.class, it -> assertThat(it.why()).contains("password"));
    }
  }

  private static void signal(String name, String pid) {
    PgFixture.assertDone(
        PgCommand.of(PgFixture.OS_USER, List.of("kill", name, pid)).runToSuccess(TIMEOUT));
  }

  private static StatusQuery query(Node node) {
    return new StatusQuery(PgConnection.local(node.settings()), TIMEOUT);
  }

  private static InstanceStatus ask(Node node) {
    try (var query = query(node)) {
      return switch (query.ask()) {
        case Answer.Answered(var status) -> status;
        case Answer.NotAccepting(var why) -> throw new AssertionError(why);
        case Answer.Unreachable(var why) -> throw new AssertionError(why);
        case Answer.TimedOut(var why) -> throw new AssertionError(why);
      };
    }
  }
}
