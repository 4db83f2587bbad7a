package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A standby that holds WAL of the old leader that the new one has not, and whom the new leader's
 * commits wait for. It confirms none before it has it: whatever was confirmed is there after the
 * new leader is gone.
 */
class DivergedFollowerTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");

  private ActorTestKit kit;
  private TestAgent.Hub hub;
  private TestHost hostA;
  private TestHost hostB;
  private TestHost hostC;
  private String identifier;
  private TestAgent c;
  private volatile int acknowledged;

  @BeforeEach
  void start() throws Exception {
    kit = TestSystem.create();
    hub = new TestAgent.Hub(kit);
    hostA = new TestHost("a");
    hostB = new TestHost("b");
    hostC = new TestHost("c");
    c = new TestAgent(kit, hostC, hub);
    identifier = part();
  }

  @AfterEach
  void stop() throws Exception {
    kit.shutdownTestKit();
    hostA.close();
    hostB.close();
    hostC.close();
  }

  @Test
  void oneThatRunsIsMeasuredAndRewoundBeforeItFollows() throws Exception {
    var writer = write();

    c.hears(new LeaseView.Theirs(B, led(2, B, identifier)));

    assertThatConfirmedIsThere(writer);
  }

  @Test
  void oneWhoseControlFileSaysTooLittleIsMeasuredAndRewoundBeforeItFollows() throws Exception {
    kit.stop(c.supervisor);
    hostC.kill();
    var writer = write();

    var again = new TestAgent(kit, hostC, hub);
    again.decides("waiting for what the voter had stored");
    again.hears(new LeaseView.Theirs(B, led(2, B, identifier)));

    assertThatConfirmedIsThere(writer);
  }

  /** b is primary, and c has more of a's WAL than b. Nobody looks after b any more. Tells whose. */
  private String part() throws Exception {
    var a = new TestAgent(kit, hostA, hub);
    a.decides("waiting for what the voter had stored");
    a.hears(new LeaseView.Vacant(Optional.empty()));
    a.decides("no data; a new cluster begins");
    a.leads(a.record(1, A, 1, Optional.empty()));
    var made =
        a.told(
            "identify",
            it ->
                it instanceof Election.Change(RecordChange.Identify(var id), _)
                    ? Optional.of(id)
                    : Optional.empty());
    var first = a.record(1, A, 1, Optional.of(made));
    a.leads(first);
    a.isReady();
    var b = new TestAgent(kit, hostB, hub);
    b.hears(new LeaseView.Theirs(A, first));
    b.streams();
    c.hears(new LeaseView.Theirs(A, led(1, A, made)));
    c.streams();
    hostA.execute("CREATE TABLE t (n int)");
    TestHost.eventually("b has it", () -> hostB.answers("SELECT count(*) FROM t", "0"));

    b.leads(b.record(2, B, 2, Optional.of(made)));
    TestHost.eventually("b is primary", () -> hostB.answers("SELECT pg_is_in_recovery()", "f"));
    b.isReady();
    TestHost.eventually(
        "c has a slot",
        () ->
            hostB.answers("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'c'", "1"));
    kit.stop(b.supervisor);
    hostA.execute("INSERT INTO t SELECT generate_series(1, 20000)");
    TestHost.eventually("c has it", () -> hostC.answers("SELECT count(*) FROM t", "20000"));
    return made;
  }

  private ClusterRecord led(int term, NodeId leader, String of) {
    var set = new SyncSet(Set.of(new Incarnation(leader, 1), new Incarnation(C, 1)), 2);
    return c.record(term, leader, term, Optional.of(of)).withSync(Optional.of(set));
  }

  /** One row after the other, each of which waits for c in the end. */
  private CompletableFuture<Void> write() throws Exception {
    hostB.execute("ALTER SYSTEM SET synchronous_standby_names = 'c'");
    hostB.execute("SELECT pg_reload_conf()");
    var writer =
        CompletableFuture.runAsync(
            () -> {
              try (var connection = hostB.connect();
                  var insert = connection.prepareStatement("INSERT INTO t VALUES (?)")) {
                for (var row = 1; ; row++) {
                  insert.setInt(1, -row);
                  insert.executeUpdate();
                  acknowledged = row;
                }
              } catch (SQLException e) {
                // b is gone.
              }
            },
            Thread.ofPlatform()::start);
    TestHost.eventually(
        "a commit waits",
        () ->
            hostB.answers(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", "1"));
    return writer;
  }

  private void assertThatConfirmedIsThere(CompletableFuture<Void> writer) throws Exception {
    var unconfirmed = acknowledged;
    TestHost.eventually("a commit was confirmed", () -> acknowledged > unconfirmed);
    hostB.kill();
    writer.orTimeout(TestHost.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    var confirmed = acknowledged;
    TestHost.eventually(
        "c has the rows up to " + confirmed,
        () ->
            hostC.answers(
                "SELECT count(*) FROM t WHERE n BETWEEN %d AND -1".formatted(-confirmed),
                Integer.toString(confirmed)));
    assertThat(hostC.query("SELECT count(*) FROM t WHERE n > 0")).as("of a").isEqualTo("0");
    try (var names = Files.list(hostC.root())) {
      assertThat(names.filter(it -> it.getFileName().toString().startsWith("data.")))
          .as("it was rewound, not copied")
          .isEmpty();
    }
  }
}
