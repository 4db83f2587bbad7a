package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.RebuildMark;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is seen of a real PostgreSQL through its life. */
class ProbeTest {
  private ActorTestKit kit;
  private TestHost host;
  private TestProbe<Observation> watcher;
  private ActorRef<Probe.Command> probe;
  private long epoch;

  @BeforeEach
  void start() throws Exception {
    kit = TestSystem.create();
    host = new TestHost("a");
    watcher = kit.createTestProbe();
    probe = kit.spawn(Probe.create(host.postgres, watcher.ref()));
  }

  @AfterEach
  void stop() throws Exception {
    kit.shutdownTestKit();
    host.close();
  }

  @Test
  void seesEachStateOfAPostgres() throws Exception {
    assertThat(look()).isEqualTo(new Seen.NoData(false));

    var deadline = HostClock.bootMillis() + 600_000;
    done(host.postgres.initialise(host.dynamic(), () -> deadline, _ -> {}));
    var primary = (Seen.Up) look();
    assertThat(primary.status().role())
        .isInstanceOfSatisfying(
            InstanceStatus.Primary.class, it -> assertThat(it.timeline()).isEqualTo(1));
    var id = primary.status().systemIdentifier();
    assertThat(host.query("SHOW max_connections")).isEqualTo("50");

    host.kill();
    TestHost.eventually("dead", () -> look() instanceof Seen.Down);
    down(id, Shutdown.PRIMARY_UNCLEAN);

    done(host.postgres.startPrimary(host.dynamic(), StandbyNames.NONE, () -> deadline, _ -> {}));
    assertThat(look()).isInstanceOf(Seen.Up.class);
    var written = Lsn.parse(host.query("SELECT pg_current_wal_insert_lsn()"));
    done(host.postgres.stop(false));
    assertThat(down(id, Shutdown.PRIMARY_CLEAN).newest().lsn())
        .as("where all that was written ends")
        .isGreaterThanOrEqualTo(written);

    var mark = host.postgres.site().mark();
    mark.set(RebuildMark.Work.CLONE, host.dataDir());
    assertThat(look()).as("half made").isEqualTo(new Seen.NoData(true));

    done(host.postgres.startStandby(host.dynamic(), Optional.empty(), _ -> {}));
    var standby = (Seen.Up) look();
    assertThat(standby.status().role()).isInstanceOf(InstanceStatus.Standby.class);
    assertThat(mark.isSet()).as("it was seen consistent").isFalse();

    Files.createFile(host.dataDir().resolve("promote"));
    assertThat(look()).as("an order that waits").isEqualTo(new Seen.Promoting());
    Files.delete(host.dataDir().resolve("promote"));

    done(host.postgres.stop(false));
    down(id, Shutdown.STANDBY);

    Files.delete(host.dataDir().resolve("global/pg_control"));
    assertThat(look()).isInstanceOf(Seen.Unusable.class);
  }

  @Test
  void aFrozenPrimaryIsSilentAndNoStandbyAndManyRequestsMeanwhileAreOneMoreLook() throws Exception {
    var deadline = HostClock.bootMillis() + 600_000;
    done(host.postgres.initialise(host.dynamic(), () -> deadline, _ -> {}));
    assertThat(look()).isInstanceOf(Seen.Up.class);
    var server = ProcessHandle.of(host.postmaster()).orElseThrow();
    var backends = server.descendants().toList();
    signal("STOP", server);
    backends.forEach(it -> signal("STOP", it));
    try {
      assertThat(look())
          .isInstanceOfSatisfying(Seen.Silent.class, it -> assertThat(it.asPrimary()).isTrue());
      var first = ++epoch;
      probe.tell(new Probe.Look(first, List.of()));
      for (var i = 0; i < 50; i++) {
        probe.tell(new Probe.Look(++epoch, List.of()));
      }
      assertThat(watcher.receiveMessage(TestHost.PATIENCE).epoch()).isEqualTo(first);
      assertThat(watcher.receiveMessage(TestHost.PATIENCE).epoch()).isEqualTo(epoch);
    } finally {
      backends.forEach(it -> signal("CONT", it));
      signal("CONT", server);
    }
    TestHost.eventually("thawed", () -> look() instanceof Seen.Up);
  }

  @Test
  void dataThatSomebodyPromotedCountForNothing() throws Exception {
    var deadline = HostClock.bootMillis() + 600_000;
    done(host.postgres.initialise(host.dynamic(), () -> deadline, _ -> {}));
    done(host.postgres.stop(false));
    done(host.postgres.startStandby(host.dynamic(), Optional.empty(), _ -> {}));
    host.query("SELECT pg_promote()");
    host.kill();
    var others = List.of(entry(1, host.name()), entry(2, new NodeId("other")));
    var own = List.of(entry(1, host.name()), entry(2, host.name()));
    var down = new AtomicReference<Seen>();
    TestHost.eventually(
        "dead",
        () -> {
          down.set(look(own));
          return down.get() instanceof Seen.Down;
        });
    assertThat(down.get())
        .as("also before the first checkpoint on its timeline")
        .isInstanceOfSatisfying(
            Seen.Down.class,
            it -> {
              assertThat(it.newest().timeline()).isEqualTo(2);
              assertThat(it.shutdown()).isEqualTo(Shutdown.PRIMARY_UNCLEAN);
            });

    done(host.postgres.promotionFile().write(2));
    assertThat(look(others)).as("of an earlier day").isInstanceOf(Seen.Down.class);
    done(host.postgres.promotionFile().write(1));

    assertThat(look(others)).isEqualTo(new Seen.NoData(true));
    assertThat(look(own)).as("it stays so").isEqualTo(new Seen.NoData(true));
    assertThat(host.postgres.site().mark().isOf(RebuildMark.Work.DISOWNED)).isTrue();
    assertThat(host.dataDir().resolve("PG_VERSION")).exists();
  }

  private static HistoryEntry entry(int timeline, NodeId leader) {
    return new HistoryEntry(
        timeline, timeline, Lsn.ZERO, leader, Optional.empty(), "", Optional.empty());
  }

  private static void signal(String name, ProcessHandle process) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Seen.Down down(String identifier, Shutdown how) {
    var down = (Seen.Down) look();
    assertThat(down.systemIdentifier()).isEqualTo(identifier);
    assertThat(down.newest().timeline()).isEqualTo(1);
    assertThat(down.shutdown()).isEqualTo(how);
    return down;
  }

  private Seen look() {
    return look(List.of());
  }

  private Seen look(List<HistoryEntry> history) {
    probe.tell(new Probe.Look(++epoch, history));
    var observation = watcher.receiveMessage(TestHost.PATIENCE);
    assertThat(observation.epoch()).isEqualTo(epoch);
    return observation.seen();
  }

  private static void done(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
  }
}
