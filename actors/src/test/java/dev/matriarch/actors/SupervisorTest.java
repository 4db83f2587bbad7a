package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.Phase;
import dev.matriarch.protocol.status.PgRole;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole circle of one or two nodes on real PostgreSQL, under leases that the test gives. */
class SupervisorTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final LeaseView NOBODY = new LeaseView.Vacant(Optional.empty());

  private ActorTestKit kit;
  private TestAgent.Hub hub;
  private TestHost hostA;
  private TestHost hostB;
  private TestAgent a;

  @BeforeEach
  void start() throws Exception {
    kit = TestSystem.create();
    hub = new TestAgent.Hub(kit);
    hostA = new TestHost("a");
    hostB = new TestHost("b");
    a = new TestAgent(kit, hostA, hub);
  }

  @AfterEach
  void stop() throws Exception {
    kit.shutdownTestKit();
    hostA.close();
    hostB.close();
  }

  @Test
  void aClusterIsMadeCrashesFailsOverAndTheOldPrimaryFollows() throws Exception {
    var identifier = bootstrap();
    var first = a.record(1, A, 1, Optional.of(identifier));

    // b copies a, and streams from it.
    var b = new TestAgent(kit, hostB, hub);
    b.hears(new LeaseView.Theirs(A, first));
    b.streams();
    assertThat(hostB.query("SHOW max_connections")).isEqualTo("50");

    // a crashes and comes back in place, on its timeline.
    hostA.execute("CREATE TABLE t AS SELECT 1 AS x");
    var crashed = hostA.postmaster();
    var checkpoints = checkpointsAskedFor(hostA);
    hostA.kill();
    TestHost.eventually(
        "restarted in place",
        () ->
            hostA.answers("SELECT NOT pg_is_in_recovery()", "t") && hostA.postmaster() != crashed);
    assertThat(hostA.query("SELECT timeline_id FROM pg_control_checkpoint()")).isEqualTo("1");
    b.streams();
    assertThat(checkpointsAskedFor(hostA)).as("it has made its own").isEqualTo(checkpoints);

    // a loses its lease; the guardian stops it in time, and a starts it as a standby of nobody.
    a.forgetTold();
    var lease = Duration.ofSeconds(3);
    a.leads(a.record(1, A, 1, Optional.of(identifier)), lease);
    var began = System.nanoTime();
    a.hears(new LeaseView.Vacant(Optional.of(first)));
    a.decides("within its last lease");
    a.toldLocal("no primary any more", it -> it.primaryOn().isEmpty());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(lease);
    a.toldLocal("position learnt", it -> it.position().isPresent());
    assertThat(hostA.query("SELECT pg_is_in_recovery()")).isEqualTo("t");

    // b is elected: the election knows of the primary before there is one.
    var second = b.record(2, B, 2, Optional.of(identifier));
    b.forgetTold();
    b.wins(second, A);
    b.leads(second);
    assertThat(b.toldLocal("becoming", it -> it.primaryOn().isPresent()).primaryOn()).contains(2);
    TestHost.eventually("b is primary", () -> hostB.answers("SELECT pg_is_in_recovery()", "f"));
    b.isReady();
    assertThat(hostB.query("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'a'"))
        .isEqualTo("1");

    // a follows it.
    a.hears(new LeaseView.Theirs(B, second));
    a.streams();
    hostB.execute("INSERT INTO t VALUES (2)");
    TestHost.eventually("a has it", () -> hostA.answers("SELECT count(*) FROM t", "2"));
    assertThat(asides()).as("nothing was copied anew").isZero();

    // b has told how long that took.
    TestHost.eventually(
        "the fail-over is complete",
        () -> b.view().failovers().last().getLast().state() == Failover.State.COMPLETE);
    var failover = b.view().failovers().last().getLast();
    assertThat(failover.phases()).containsKeys(Phase.PROMOTED, Phase.ATTACHED);
    assertThat(failover.phases().values()).allMatch(Duration::isPositive);
  }

  @Test
  void anOldPrimaryWithMoreLogThanTheNewOneIsRewound() throws Exception {
    var identifier = bootstrap();
    var first = a.record(1, A, 1, Optional.of(identifier));
    var b = new TestAgent(kit, hostB, hub);
    b.hears(new LeaseView.Theirs(A, first));
    b.streams();
    hostA.execute("CREATE TABLE t AS SELECT 1 AS x");
    TestHost.eventually("b has it", () -> hostB.answers("SELECT count(*) FROM t", "1"));

    // b is elected while a still serves: it writes on, and the two part.
    var second = b.record(2, B, 2, Optional.of(identifier));
    b.leads(second);
    TestHost.eventually("b is primary", () -> hostB.answers("SELECT pg_is_in_recovery()", "f"));
    hostA.execute("INSERT INTO t SELECT generate_series(10, 20)");
    hostB.execute("INSERT INTO t VALUES (2)");

    a.forgetTold();
    a.hears(new LeaseView.Theirs(B, second));
    a.toldLocal("stopped", it -> it.primaryOn().isEmpty());
    a.streams();
    TestHost.eventually("a has b's", () -> hostA.answers("SELECT sum(x) FROM t", "3"));
    assertThat(asides()).as("it was rewound, not copied").isZero();
    assertThat(hostA.postgres.site().mark().isSet()).isFalse();
  }

  @Test
  void aRestartedAgentTakesOverAndNobodyNotices() throws Exception {
    var identifier = bootstrap();
    var record = a.record(1, A, 1, Optional.of(identifier));
    var postmaster = hostA.postmaster();
    kit.stop(a.supervisor);

    var next = new TestAgent(kit, hostA, hub);
    next.decides("waiting for what the voter had stored");
    var local = next.toldLocal("the primary", it -> it.primaryOn().isPresent());
    assertThat(local.primaryOn()).contains(1);
    next.hears(new LeaseView.Vacant(Optional.of(record)));
    next.decides("within its last lease");
    next.leads(next.record(3, A, 1, Optional.of(identifier)));
    next.decides("I am (a), the leader with the lock");
    assertThat(hostA.postmaster()).isEqualTo(postmaster);
  }

  @Test
  void aStandbyStartsWithNoLessThanItsControlFileSaysAndByTheRecordsParameters() throws Exception {
    var identifier = bootstrap();
    a.supervisor.tell(new Supervisor.Stop(kit.<Supervisor.Stopped>createTestProbe().ref()));
    a.told("giving up", it -> it instanceof Election.GiveUp ? Optional.of(it) : Optional.empty());
    a.hears(NOBODY);
    TestHost.eventually(
        "a is down", () -> Files.notExists(hostA.dataDir().resolve("postmaster.pid")));

    var again = new TestAgent(kit, hostA, hub);
    again.decides("waiting for what the voter had stored");
    assertThat(Files.exists(hostA.dataDir().resolve("postmaster.pid"))).isFalse();
    var record =
        again
            .record(2, B, 1, Optional.of(identifier))
            .withConfig(
                parameters(Map.of("max_connections", 30, "max_worker_processes", 12)), 5_000);
    again.hears(new LeaseView.Vacant(Optional.of(record)));
    TestHost.eventually("a runs", () -> hostA.answers("SELECT pg_is_in_recovery()", "t"));
    assertThat(hostA.query("SHOW max_connections")).as("the control file's").isEqualTo("50");
    assertThat(hostA.query("SHOW max_worker_processes")).as("the record's").isEqualTo("12");
  }

  @Test
  void aRaisedLimitReachesThePrimaryAtItsNextStartAndTheStandbyByItsLog() throws Exception {
    var identifier = bootstrap();
    var before = a.record(1, A, 1, Optional.of(identifier));
    var b = new TestAgent(kit, hostB, hub);
    b.hears(new LeaseView.Theirs(A, before));
    b.streams();
    a.leads(before.withConfig(parameters(Map.of("max_connections", 60)), 5_000));
    hostA.kill();
    TestHost.eventually("a has 60", () -> hostA.answers("SHOW max_connections", "60"));
    // b still knows the old record only.
    TestHost.eventually("b has 60", () -> hostB.answers("SHOW max_connections", "60"));
    b.streams();
    hostA.execute("CREATE TABLE t AS SELECT 1 AS x");
    TestHost.eventually("b replays", () -> hostB.answers("SELECT count(*) FROM t", "1"));
  }

  private static Map<String, Object> parameters(Map<String, Object> parameters) {
    return Map.of("postgresql", Map.of("parameters", parameters));
  }

  @Test
  void anAgentThatStopsStopsPostgresGivesUpAndAnswers() throws Exception {
    bootstrap();
    var stopped = kit.<Supervisor.Stopped>createTestProbe();
    a.forgetTold();
    a.supervisor.tell(new Supervisor.Stop(stopped.ref()));
    a.toldLocal("PostgreSQL is down", it -> it.primaryOn().isEmpty() && !it.able());
    a.told("giving up", it -> it instanceof Election.GiveUp ? Optional.of(it) : Optional.empty());
    stopped.expectNoMessage(Duration.ZERO);
    a.hears(NOBODY);
    stopped.expectMessage(TestHost.PATIENCE, new Supervisor.Stopped());
    stopped.expectTerminated(a.supervisor, TestHost.PATIENCE);
    assertThat(Files.exists(hostA.dataDir().resolve("postmaster.pid"))).isFalse();
  }

  /** a makes the cluster and leads it; returns the system identifier. */
  private String bootstrap() throws Exception {
    a.decides("waiting for what the voter had stored");
    a.hears(NOBODY);
    a.decides("no data; a new cluster begins");
    a.leads(a.record(1, A, 1, Optional.empty()));
    assertThat(a.toldLocal("becoming", it -> it.primaryOn().isPresent()).position()).isEmpty();
    var identifier =
        a.told(
            "identify",
            it ->
                it instanceof Election.Change(RecordChange.Identify(var id), _)
                    ? Optional.of(id)
                    : Optional.empty());
    assertThat(hostA.query("SHOW max_connections"))
        .as("bootstrap.dcs reaches the first primary")
        .isEqualTo("50");
    a.leads(a.record(1, A, 1, Optional.of(identifier)));
    a.decides("I am (a), the leader with the lock");
    a.isReady();
    assertThat(a.view().self().role()).isEqualTo(PgRole.PRIMARY);
    assertThat(hostA.query("SELECT count(*) FROM pg_replication_slots")).isEqualTo("2");
    return identifier;
  }

  /** How many data directories were moved aside. */
  private long asides() throws Exception {
    var count = 0L;
    for (var host : new TestHost[] {hostA, hostB}) {
      try (var names = Files.list(host.root())) {
        count += names.filter(it -> it.getFileName().toString().startsWith("data.")).count();
      }
    }
    return count;
  }

  private static long checkpointsAskedFor(TestHost host) throws IOException {
    try (var lines = Files.lines(host.postgres.site().guardian().serverLog())) {
      return lines.filter(it -> it.contains("checkpoint starting: immediate force wait")).count();
    }
  }
}
