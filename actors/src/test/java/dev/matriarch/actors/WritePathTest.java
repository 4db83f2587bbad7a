package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.FrozenDisk;
import dev.matriarch.actors.postgres.RunningPostmaster;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.model.NodeId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A leader whose PostgreSQL runs and does not commit, on real PostgreSQL and real disks. */
class WritePathTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final LeaseView NOBODY = new LeaseView.Vacant(Optional.empty());

  private ActorTestKit kit;
  private TestAgent.Hub hub;
  private FrozenDisk disk;
  private TestHost hostA;
  private TestHost hostB;
  private TestAgent a;
  private ClusterRecord record;

  @BeforeEach
  void start() throws Exception {
    disk = FrozenDisk.make();
    kit = TestSystem.create();
    hub = new TestAgent.Hub(kit);
    hostA = new TestHost("a", disk.root);
    hostB = new TestHost("b");
    a = new TestAgent(kit, hostA, hub);
    a.hears(NOBODY);
    a.decides("no data;");
    a.leads(record(Optional.empty()));
    var identifier =
        a.told(
            "an identity",
            it ->
                it instanceof Election.Change(RecordChange.Identify(var found), _)
                    ? Optional.of(found)
                    : Optional.empty());
    record = record(Optional.of(identifier));
    a.leads(record);
    a.isReady();
  }

  @AfterEach
  void stop() throws Exception {
    disk.thaw();
    kit.shutdownTestKit();
    hostA.close();
    hostB.close();
    disk.close();
  }

  private ClusterRecord record(Optional<String> identifier) {
    var plain = a.record(1, A, 1, identifier);
    var config = new HashMap<>(plain.config());
    config.put("commit_timeout", 1);
    return new RecordChange.Configure(config, 5_000).apply(plain);
  }

  private void withStandby() throws Exception {
    var b = new TestAgent(kit, hostB, hub);
    b.hears(new LeaseView.Theirs(A, record));
    b.streams();
    a.forgetTold();
  }

  private Election.GiveUp givenUp() {
    return a.told(
        "the lease given up",
        it -> it instanceof Election.GiveUp gone ? Optional.of(gone) : Optional.empty());
  }

  @Test
  void aFrozenPostmasterIsStoppedInOrderAndHandsOver() throws Exception {
    withStandby();
    hostA.signal("STOP");
    var gone = givenUp();
    assertThat(gone.successor()).contains(B);
    assertThat(gone.because())
        .contains("no commit has succeeded for 1 s: a new connection gets no answer");
    a.decides("GiveUp: no commit has succeeded for 1 s");
    assertThat(hostA.control()).isEqualTo("SHUT_DOWN");
  }

  @Test
  void withoutAnybodyElseTheLeaderStaysAndSaysWhy() throws Exception {
    hostA.signal("STOP");
    a.decides("there is nobody who could take over");
    assertThat(a.view().writePath().trouble().orElseThrow()).contains("nobody");
    assertThat(a.view().writePath().failingFor()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    hostA.signal("CONT");
    a.decides("the leader with the lock");
    TestHost.eventually("no trouble", () -> a.view().writePath().trouble().isEmpty());
    assertThat(a.view().writePath().failingFor()).isZero();
  }

  /** What was killed and cannot go away writes and answers no more, so nobody waits for it. */
  @Test
  void aHungDiskIsHandedOverAlthoughItsProcessesDoNotGoAway() throws Exception {
    withStandby();
    hostA.execute("CREATE TABLE t (x int)");
    try (var client = hostA.connect();
        var statement = client.createStatement()) {
      disk.freeze();
      var began = System.nanoTime();
      var commit =
          CompletableFuture.supplyAsync(() -> {
            try {
              return statement.executeUpdate("INSERT INTO t VALUES (1)");
            } catch (SQLException e) {
              return -1;
            }
          });
      var gone = givenUp();
      var took = Duration.ofNanos(System.nanoTime() - began);
      System.out.printf("disk hung: given up after %d ms%n", took.toMillis());
      assertThat(gone.successor()).contains(B);
      assertThat(gone.because())
          .contains("no commit has succeeded for 1 s: a commit does not return");
      assertThat(took).isLessThan(Duration.ofSeconds(8));
      assertThat(RunningPostmaster.isHeld(hostA.dataDir())).isTrue();
      a.hears(new LeaseView.Theirs(B, record));
      a.decides("the kernel does not let its processes end");
      disk.thaw();
      assertThat(commit.get(30, TimeUnit.SECONDS)).as("an acknowledgement").isEqualTo(-1);
      TestHost.eventually("all has ended", () -> !RunningPostmaster.isHeld(hostA.dataDir()));
    }
  }

  @Test
  void aServerThatWaitsForItsClientsToGoIsHandedOver() throws Exception {
    withStandby();
    try (var client = hostA.connect()) {
      hostA.signal("TERM");
      TestHost.eventually("nobody is let in", () -> !hostA.answers("SELECT 1", "1"));
      assertThat(client.isValid(1)).isTrue();
      var gone = givenUp();
      assertThat(gone.successor()).contains(B);
      assertThat(gone.because())
          .contains("nobody was let in for 1 s: somebody told PostgreSQL to shut down");
      assertThat(client.isValid(1)).isFalse();
    }
    assertThat(hostA.control()).isEqualTo("SHUT_DOWN");
  }

  @Test
  void aServerThatWaitsForItsClientsToGoStartsAgainWhereNobodyCouldTakeOver() throws Exception {
    var before = hostA.postmaster();
    try (var client = hostA.connect()) {
      hostA.signal("TERM");
      TestHost.eventually("somebody is let in", () -> hostA.answers("SELECT 1", "1"));
      assertThat(client.isValid(1)).isFalse();
    }
    assertThat(hostA.postmaster()).isNotEqualTo(before);
    assertThat(hostA.query("SELECT pg_is_in_recovery()")).isEqualTo("f");
    a.decides("the leader with the lock");
    a.forgetTold(Election.GiveUp.class);
  }

  @Test
  void whatIsStoppedWhileTheClusterIsPausedIsLeftAlone() throws Exception {
    var config = new HashMap<>(record.config());
    config.put("pause", true);
    record = new RecordChange.Configure(config, 5_000).apply(record);
    a.leads(record);
    withStandby();
    try (var client = hostA.connect()) {
      hostA.signal("TERM");
      a.decides("the cluster is paused, and it is left to end");
      assertThat(client.isValid(1)).isTrue();
    }
  }

  @Test
  void aCrashIsHandedOverAtOnceWhereNoTimeIsGivenToStart() throws Exception {
    var config = new HashMap<>(record.config());
    config.put("primary_start_timeout", 0);
    record = new RecordChange.Configure(config, 5_000).apply(record);
    a.leads(record);
    hostA.kill();
    TestHost.eventually("it starts where nobody could lead", () -> hostA.answers("SELECT 1", "1"));
    a.isReady();
    withStandby();
    hostA.kill();
    var gone = givenUp();
    assertThat(gone.successor()).contains(B);
    assertThat(gone.because()).contains("PostgreSQL has crashed");
    assertThat(hostA.control()).isEqualTo("IN_PRODUCTION");
  }

  @Test
  void aStandbyThatWaitsForItsClientsToGoStartsAgain() throws Exception {
    withStandby();
    var before = hostB.postmaster();
    try (var client = hostB.connect()) {
      hostB.signal("TERM");
      TestHost.eventually("nobody is let in", () -> !hostB.answers("SELECT 1", "1"));
      TestHost.eventually("somebody is let in", () -> hostB.answers("SELECT 1", "1"));
      assertThat(client.isValid(1)).isFalse();
    }
    assertThat(hostB.postmaster()).isNotEqualTo(before);
    assertThat(hostB.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
  }

  @Test
  void aFullDiskIsStayedOnAndTriedAgainUntilThereIsRoom() throws Exception {
    withStandby();
    hostA.execute("CREATE TABLE kept AS SELECT 1 AS x");
    disk.fill();
    writeUntilItEnds();
    a.decides("the disk of its WAL is full; it has led for less than 600 s");
    disk.makeRoom();
    TestHost.eventually("primary again", () -> hostA.answers("SELECT count(*) FROM kept", "1"));
    a.decides("the leader with the lock");
    assertThat(hostA.query("SELECT pg_is_in_recovery()")).isEqualTo("f");
  }

  private void writeUntilItEnds() {
    try (var connection = hostA.connect();
        var statement = connection.createStatement()) {
      for (var megabytes = 0; megabytes < 1000; megabytes++) {
        statement.execute("SELECT pg_logical_emit_message(false, 'test', repeat('x', 1000000))");
      }
    } catch (SQLException e) {
      return;
    }
    throw new AssertionError("the disk is not full");
  }

  @Test
  void thatAllConnectionsAreTakenIsNoReasonToGo() throws Exception {
    withStandby();
    var taken = new ArrayList<Connection>();
    try {
      takeAll(taken);
      assertThat(taken).hasSizeGreaterThan(40);
      var until = System.nanoTime() + Duration.ofSeconds(4).toNanos();
      TestHost.eventually(
          "some time has passed",
          () -> {
            assertThat(a.view().decision()).contains("the leader with the lock");
            assertThat(a.view().writePath().trouble()).isEmpty();
            return System.nanoTime() >= until;
          });
    } finally {
      for (var connection : taken) {
        connection.close();
      }
    }
  }

  private void takeAll(List<Connection> taken) {
    try {
      while (true) {
        taken.add(hostA.connect());
      }
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo("53300");
    }
  }
}
