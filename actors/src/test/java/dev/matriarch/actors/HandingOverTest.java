package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A leader that is told to hand over, on real PostgreSQL, and what makes it keep the lease. */
class HandingOverTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  private static final Duration SUSPICION = Duration.ofMillis(600);

  private Optional<Process> receiver = Optional.empty();
  private ActorTestKit kit;
  private TestHost host;
  private TestAgent a;
  private TestProbe<String> calledOff;
  private ClusterRecord record;

  @BeforeEach
  void leads() throws Exception {
    kit = TestSystem.create();
    host = new TestHost("a");
    a = new TestAgent(kit, host, new TestAgent.Hub(kit));
    calledOff = kit.createTestProbe();
    a.decides("waiting for what the voter had stored");
    a.hears(new LeaseView.Vacant(Optional.empty()));
    a.decides("no data; a new cluster begins");
    a.leads(a.record(1, A, 1, Optional.empty()));
    var identifier =
        a.told(
            "identify",
            it ->
                it instanceof Election.Change(RecordChange.Identify(var id), _)
                    ? Optional.of(id)
                    : Optional.empty());
    record = a.record(1, A, 1, Optional.of(identifier));
    a.leads(record, Set.of(A, B));
    a.decides("I am (a), the leader with the lock");
    a.isReady();
  }

  @AfterEach
  void stop() throws Exception {
    receiver.ifPresent(Process::destroyForcibly);
    kit.shutdownTestKit();
    host.close();
  }

  @Test
  void itStopsAndSaysWhereItsLogEnds() throws Exception {
    var written = Lsn.parse(host.query("SELECT pg_current_wal_insert_lsn()"));
    handOver();
    var giveUp =
        a.told(
            "giving up",
            it -> it instanceof Election.GiveUp found ? Optional.of(found) : Optional.empty());
    assertThat(giveUp.successor()).contains(B);
    assertThat(giveUp.upTo().orElseThrow().timeline()).isEqualTo(1);
    assertThat(giveUp.upTo().orElseThrow().lsn()).isGreaterThanOrEqualTo(written);
    calledOff.expectNoMessage();
  }

  @Test
  void itIsNotStartedWhileTheSuccessorHasItsTurn() throws Exception {
    var postmaster = host.postmaster();
    handOver();
    a.told("giving up", it -> it instanceof Election.GiveUp ? Optional.of(it) : Optional.empty());
    a.hears(new LeaseView.Vacant(Optional.of(record)));
    a.decides("START_STANDBY waits a moment; no leader: to learn its position");
    TestHost.eventually(
        "a standby all the same",
        () -> host.answers("SELECT pg_is_in_recovery()", "t") && host.postmaster() != postmaster);
  }

  @Test
  void aSuccessorThatDoesNotAnswerIsNotHandedTo() throws Exception {
    var postmaster = host.postmaster();
    a.leads(record, Set.of(A));
    calledOff.expectNoMessage(SUSPICION);
    handOver();
    assertThat(calledOff.receiveMessage(TestHost.PATIENCE)).isEqualTo("b does not answer any more");
    a.decides("I am (a), the leader with the lock");
    assertThat(host.postmaster()).isEqualTo(postmaster);
  }

  @Test
  void oneThatIsLostWhilePostgresqlStopsLeavesTheOldPrimaryInCharge() throws Exception {
    var postmaster = host.postmaster();
    hangingReceiver();
    host.execute("CREATE TABLE t AS SELECT 1 AS x");
    a.forgetTold();
    handOver();
    a.decides("busy: STOP");
    a.leads(record, Set.of(A));
    assertThat(calledOff.receiveMessage(TestHost.PATIENCE)).isEqualTo("b does not answer any more");
    TestHost.eventually(
        "primary again",
        () ->
            host.answers("SELECT NOT pg_is_in_recovery()", "t") && host.postmaster() != postmaster);
    assertThat(host.query("SELECT timeline_id FROM pg_control_checkpoint()")).isEqualTo("1");
    assertThat(host.query("SELECT x FROM t")).isEqualTo("1");
    a.decides("I am (a), the leader with the lock");
    a.forgetTold(Election.GiveUp.class);
  }

  /** Its WAL sender makes the stop take seconds. */
  private void hangingReceiver() throws Exception {
    var tools = ((ToolBox.Search.Found) host.postgres.site().tools().find()).tools();
    var builder =
        new ProcessBuilder(
                tools.binaries().directory().resolve("pg_receivewal").toString(),
                "--dbname=host=127.0.0.1 port=%d user=%s"
                    .formatted(host.endpoint().port(), host.settings().replication().username()),
                "--directory=" + Files.createDirectory(host.root().resolve("received")),
                "--no-loop")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("PGPASSWORD", host.settings().replication().password().orElseThrow());
    receiver = Optional.of(builder.start());
    TestHost.eventually(
        "a WAL sender",
        () ->
            host.answers(
                "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", "1"));
    new ProcessBuilder("kill", "-STOP", Long.toString(receiver.get().pid())).start().waitFor();
  }

  private void handOver() {
    a.supervisor.tell(
        new Supervisor.HandOver(Optional.of(new HandingOver(B, why -> calledOff.ref().tell(why)))));
  }
}
