package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverAnswer.Result;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A switchover as the leader's agent carries it out on real PostgreSQL: what comes before clients
 * notice anything, and what is answered when somebody else leads in the end than was meant.
 */
class SwitchoverTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final Incarnation DATA_OF_B = new Incarnation(B, 2);

  /** Nobody listens there. */
  private static final Endpoint NOWHERE = new Endpoint("127.0.0.1", 1);

  private static final String FAR_AHEAD = "1/0";

  private ActorTestKit kit;
  private TestAgent.Hub hub;
  private TestHost host;
  private TestAgent a;
  private ClusterRecord record;
  private Operator.Surroundings surroundings;
  private ActorRef<Operator.Command> operator;
  private TestProbe<SwitchoverAnswer> answers;
  private Optional<Long> frozen = Optional.empty();
  private Optional<TestHost> candidate = Optional.empty();

  @BeforeEach
  void leads() throws Exception {
    kit = TestSystem.create();
    hub = new TestAgent.Hub(kit);
    host = new TestHost("a");
    a = new TestAgent(kit, host, hub);
    a.decides("waiting for what the voter had stored");
    a.hears(new LeaseView.Vacant(Optional.empty()));
    a.decides("no data; a new cluster begins");
    a.leads(record(1, A, Optional.empty()));
    var identifier =
        a.told(
            "identify",
            it ->
                it instanceof Election.Change(RecordChange.Identify(var id), _)
                    ? Optional.of(id)
                    : Optional.empty());
    record = record(1, A, Optional.of(identifier));
    a.leads(record, Set.of(A, B));
    a.decides("I am (a), the leader with the lock");
    a.isReady();
    surroundings =
        new Operator.Surroundings(
            A,
            Peers.of(Map.of()),
            a.view,
            a.supervisor,
            a.election.ref(),
            Optional.of(host.postgres));
    operator = kit.spawn(Operator.create(surroundings));
    answers = kit.createTestProbe();
  }

  @AfterEach
  void stop() throws Exception {
    thaw();
    kit.shutdownTestKit();
    host.close();
    if (candidate.isPresent()) {
      candidate.get().close();
    }
  }

  /** Whoever has to wait is answered late, so that a slow host is no other outcome. */
  private ClusterRecord record(int term, NodeId leader, Optional<String> identifier) {
    var plain = a.record(term, leader, term, identifier);
    var config = new HashMap<>(plain.config());
    config.put("loop_wait", 60);
    return plain.withConfig(config, 5_000);
  }

  private ClusterRecord next(int term, NodeId leader) {
    return record(term, leader, record.systemIdentifier());
  }

  // --- before clients notice anything -----------------------------------------------------------

  @Test
  void withoutACheckpointNobodyIsInterruptedAndTheLeaderStays() throws Exception {
    said(Statuses.streaming(DATA_OF_B, NOWHERE, FAR_AHEAD));
    var postmaster = host.postmaster();
    try (var client = host.connect();
        var statement = client.createStatement()) {
      freezeCheckpointer();
      ask(Optional.of(B));
      awaitCheckpoint();
      statement.execute("CREATE TABLE t AS SELECT 1 AS x");
      ask(Optional.of(B));
      assertThat(answers.receiveMessage(TestHost.PATIENCE).result()).isEqualTo(Result.BUSY);

      host.execute(
          "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'CHECKPOINT'");
      assertThat(answers.receiveMessage(TestHost.PATIENCE))
          .isEqualTo(
              new SwitchoverAnswer(
                  Result.FAILED, "Switchover failed: no checkpoint was possible; see the log"));
      statement.execute("INSERT INTO t VALUES (2)");
    }
    thaw();
    a.decides("I am (a), the leader with the lock");
    assertThat(host.postmaster()).isEqualTo(postmaster);
    a.forgetTold(Election.GiveUp.class);

    ask(Optional.of(B));
    assertThat(givenUp().successor()).as("the next request is carried out").contains(B);
  }

  @Test
  void aCandidateThatFellBackDuringTheCheckpointIsRefusedAndTheLeaderStays() throws Exception {
    said(Statuses.streaming(DATA_OF_B, NOWHERE, FAR_AHEAD));
    var postmaster = host.postmaster();
    freezeCheckpointer();
    ask(Optional.empty());
    awaitCheckpoint();
    said(Statuses.cutOff(DATA_OF_B, NOWHERE, FAR_AHEAD));
    answers.expectNoMessage(Duration.ZERO);
    thaw();
    assertThat(answers.receiveMessage(TestHost.PATIENCE))
        .isEqualTo(
            new SwitchoverAnswer(
                Result.NOT_POSSIBLE,
                "switchover is not possible: no good candidates have been found"
                    + " (b does not stream from the leader)"));
    a.decides("I am (a), the leader with the lock");
    assertThat(host.postmaster()).isEqualTo(postmaster);
    a.forgetTold(Election.GiveUp.class);
  }

  /** The one that was chosen first is judged again: clients were not told of another. */
  @Test
  void anotherOneDoesNotTakeThePlaceOfACandidateThatFellBack() throws Exception {
    said(Statuses.streaming(DATA_OF_B, NOWHERE, FAR_AHEAD));
    freezeCheckpointer();
    ask(Optional.empty());
    awaitCheckpoint();
    said(Statuses.streaming(new Incarnation(C, 3), NOWHERE, FAR_AHEAD));
    said(Statuses.cutOff(DATA_OF_B, NOWHERE, FAR_AHEAD));
    thaw();
    assertThat(answers.receiveMessage(TestHost.PATIENCE).text())
        .contains("b does not stream from the leader");
    a.forgetTold(Election.GiveUp.class);
  }

  @Test
  void aCheckpointThatTakesLongIsAnsweredForInTimeAndOnlyOnce() throws Exception {
    var replies = new ArrayList<SwitchoverAnswer>();
    var view = a.view();
    var dynamic = DynamicSettingsReader.read(record.config()).settings();
    var begun = now();
    var patience = Switchover.patience(dynamic);
    assertThat(patience).isEqualTo(Duration.ofMinutes(2));
    var switchover =
        Switchover.begun(
            surroundings, request(Optional.of(B)), B, replies::add, view, dynamic, begun);
    switchover.look(Optional.of(view), begun.plus(patience).minusMillis(1));
    assertThat(replies).isEmpty();
    switchover.look(Optional.of(view), begun.plus(patience));
    switchover.look(Optional.of(view), begun.plus(patience).plusMillis(25));
    assertThat(replies)
        .containsExactly(
            new SwitchoverAnswer(
                Result.UNKNOWN,
                "Switchover status unknown after 120 seconds; operation may still be in progress"));
    assertThat(switchover.isOver()).as("the checkpoint goes on").isFalse();
    switchover.checkpointed(false, Optional.of(view), _ -> {}, begun.plus(patience));
    assertThat(switchover.isOver()).isTrue();
    assertThat(replies).hasSize(1);
    a.forgetTold(Election.GiveUp.class);
  }

  // --- who leads in the end ---------------------------------------------------------------------

  @Test
  void aCandidateThatIsElectedAndNotPromotedLeavesTheOldLeaderInCharge() throws Exception {
    var hostB = new TestHost("b");
    candidate = Optional.of(hostB);
    var b = new TestAgent(kit, hostB, hub);
    b.hears(new LeaseView.Theirs(A, record));
    b.streams();
    host.execute("CREATE TABLE t AS SELECT 1 AS x");
    TestHost.eventually("b has it", () -> hostB.answers("SELECT count(*) FROM t", "1"));
    // Where the numbers of timelines are to be noted; it runs on, and cannot be promoted.
    var obstacle =
        Files.createDirectory(
            hostB.postgres.site().guardian().controlDir().resolve("reserved-timelines"));

    TestHost.eventually(
        "a sees it",
        () ->
            Optional.ofNullable(a.view().members().get(B))
                .filter(it -> it.replicationState().equals(Optional.of("streaming")))
                .isPresent());
    ask(Optional.of(B));
    assertThat(givenUp().successor()).contains(B);
    a.hears(new LeaseView.Vacant(Optional.of(record)));
    var second = next(2, B);
    b.forgetTold();
    b.leads(second);
    a.hears(new LeaseView.Theirs(B, second));
    TestHost.eventually("b leads", () -> a.view().leader().equals(Optional.of(B)));
    b.told("giving up", it -> it instanceof Election.GiveUp ? Optional.of(it) : Optional.empty());
    assertThat(hostB.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
    answers.expectNoMessage(Duration.ZERO);

    b.hears(new LeaseView.Vacant(Optional.of(second)));
    a.hears(new LeaseView.Vacant(Optional.of(second)));
    var third = next(3, A);
    a.leads(third, Set.of(A, B));
    assertThat(answers.receiveMessage(TestHost.PATIENCE))
        .isEqualTo(
            new SwitchoverAnswer(
                Result.FAILED,
                "Switchover failed: b was elected and did not become the primary, a leads again"));
    a.decides("I am (a), the leader with the lock");
    assertThat(host.query("SELECT x FROM t")).isEqualTo("1");
    assertThat(host.query("SELECT pg_is_in_recovery()")).isEqualTo("f");

    Files.delete(obstacle);
    b.hears(new LeaseView.Theirs(A, third));
    host.execute("INSERT INTO t VALUES (2)");
    TestHost.eventually("b follows", () -> hostB.answers("SELECT count(*) FROM t", "2"));
  }

  @Test
  void aCandidateThatDoesNotWinLeavesTheOldLeaderInCharge() throws Exception {
    handedOver();
    a.hears(new LeaseView.Vacant(Optional.of(record)));
    a.leads(next(2, A), Set.of(A));
    assertThat(answers.receiveMessage(TestHost.PATIENCE))
        .isEqualTo(
            new SwitchoverAnswer(
                Result.FAILED, "Switchover failed: b did not win in time, a leads again"));
    a.decides("I am (a), the leader with the lock");
    assertThat(host.query("SELECT pg_is_in_recovery()")).isEqualTo("f");
  }

  @Test
  void thatAThirdOneLeadsIsSaidOnceItsPostgresIsThePrimary() throws Exception {
    handedOver();
    a.hears(new LeaseView.Theirs(C, next(2, C)));
    TestHost.eventually("c leads", () -> a.view().leader().equals(Optional.of(C)));
    said(Statuses.primary(C, NOWHERE, 1));
    answers.expectNoMessage(Duration.ofMillis(200));
    said(Statuses.primary(C, NOWHERE, 2));
    assertThat(answers.receiveMessage(TestHost.PATIENCE))
        .isEqualTo(new SwitchoverAnswer(Result.DONE, "Switched over to \"c\" instead of \"b\""));
  }

  // --- the scene --------------------------------------------------------------------------------

  /** The lease is let go for b. */
  private void handedOver() throws Exception {
    said(Statuses.streaming(DATA_OF_B, NOWHERE, FAR_AHEAD));
    ask(Optional.of(B));
    assertThat(givenUp().successor()).contains(B);
    answers.expectNoMessage(Duration.ZERO);
  }

  private static SwitchoverRequest request(Optional<NodeId> to) {
    return new SwitchoverRequest(SwitchoverRequest.Kind.SWITCHOVER, Optional.of(A), to);
  }

  private void ask(Optional<NodeId> to) {
    operator.tell(new Operator.Ask(request(to), answers.ref()));
  }

  /** A member says this of itself, and the leader has taken it in. */
  private void said(MemberStatus status) throws Exception {
    hub.ref.tell(new Members.Publish(status));
    TestHost.eventually(
        "it is heard", () -> List.copyOf(a.view().members().values()).contains(status));
  }

  private Election.GiveUp givenUp() {
    return a.told(
        "giving up",
        it -> it instanceof Election.GiveUp found ? Optional.of(found) : Optional.empty());
  }

  private void freezeCheckpointer() throws Exception {
    frozen = Optional.of(host.process("checkpointer"));
    TestHost.signal("STOP", frozen.get());
  }

  private void awaitCheckpoint() throws Exception {
    TestHost.eventually(
        "a checkpoint is waited for",
        () ->
            host.answers(
                "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE query = 'CHECKPOINT' AND state = 'active'",
                "1"));
  }

  private void thaw() throws Exception {
    if (frozen.isPresent()) {
      TestHost.signal("CONT", frozen.get());
      frozen = Optional.empty();
    }
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }
}
