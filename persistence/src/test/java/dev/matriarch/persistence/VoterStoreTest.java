package dev.matriarch.persistence;

import static dev.matriarch.persistence.Samples.ALPHA;
import static dev.matriarch.persistence.Samples.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.matriarch.persistence.VoterStore.Broken;
import dev.matriarch.persistence.VoterStore.Command;
import dev.matriarch.persistence.VoterStore.Load;
import dev.matriarch.persistence.VoterStore.Loaded;
import dev.matriarch.persistence.VoterStore.Reply;
import dev.matriarch.persistence.VoterStore.Save;
import dev.matriarch.persistence.VoterStore.Saved;
import dev.matriarch.persistence.file.FailingDisk;
import dev.matriarch.persistence.file.FileDisk;
import dev.matriarch.persistence.file.StateFile;
import dev.matriarch.persistence.plugin.FailingDiskProvider;
import dev.matriarch.persistence.plugin.HangingDiskProvider;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class VoterStoreTest {
  @TempDir Path directory;
  private Path path = Path.of("");
  private final ErrorLines errors = new ErrorLines();

  @BeforeEach
  void place() {
    path = directory.resolve("state.json");
    errors.start();
  }

  @AfterEach
  void stopListening() {
    errors.stop();
  }

  @Test
  void theFirstLoadTellsAFreshStateThatIsOnDisk() throws IOException {
    VoterState told;
    try (var agent = new Agent(config(ALPHA))) {
      told = agent.load();
      assertThat(told)
          .isEqualTo(VoterState.fresh(ALPHA, told.store(), told.incarnation().number()));
    }
    assertThat(onDisk()).isEqualTo(told);
  }

  @Test
  void aSavedStateIsOnDiskWhenTheAnswerComesAndIsLoadedAfterARestart() throws IOException {
    VoterState saved;
    try (var agent = new Agent(config(ALPHA))) {
      saved = Samples.promising(agent.load(), 3);
      assertThat(agent.ask(saved)).isEqualTo(new Saved(saved));
      assertThat(Files.readString(path)).contains("\"term\" : 3");
      assertThat(agent.load()).isEqualTo(saved);
    }
    try (var agent = new Agent(config(ALPHA))) {
      assertThat(agent.load()).isEqualTo(saved);
      var next = Samples.promising(saved, 4);
      assertThat(agent.ask(next)).isEqualTo(new Saved(next));
    }
    assertThat(errors.lines()).isEmpty();
  }

  @Test
  void commandsThatDoNotWaitAreAnsweredInTheirOrder() {
    try (var agent = new Agent(config(ALPHA))) {
      var fresh = agent.load();
      for (var term = 1; term <= 100; term++) {
        agent.store.tell(new Save(Samples.promising(fresh, term), agent.probe.ref()));
      }
      for (var term = 1; term <= 100; term++) {
        agent.probe.expectMessage(new Saved(Samples.promising(fresh, term)));
      }
    }
  }

  @Test
  void aDamagedFileIsReportedAndLeftAlone() throws IOException {
    onDisk();
    Files.writeString(
        path, Files.readString(path).replace("\"fenced\" : false", "\"fenced\" : true"));
    var damaged = Files.readAllBytes(path);
    assertBroken(config(ALPHA), path + " is damaged");
    assertThat(path).hasBinaryContent(damaged);
  }

  @Test
  void anotherNodesFileIsReportedAndLeftAlone() throws IOException {
    onDisk();
    var before = Files.readAllBytes(path);
    assertBroken(config(Samples.BETA), path + " is another node's");
    assertThat(path).hasBinaryContent(before);
  }

  @Test
  void aFileThatAnotherAgentHoldsIsReported() {
    try (var agent = new Agent(config(ALPHA))) {
      var state = agent.load();
      assertBroken(config(ALPHA), path + " is in use by another agent");
      assertThat(agent.ask(Samples.promising(state, 1))).isInstanceOf(Saved.class);
    }
  }

  private void assertBroken(Config config, String reason) {
    try (var agent = new Agent(config)) {
      agent.store.tell(new Load(agent.probe.ref()));
      assertThat(agent.broken()).startsWith(reason);
      assertThat(agent.ask(Samples.full())).isInstanceOf(Broken.class);
    }
    assertThat(errors.lines())
        .singleElement()
        .asString()
        .startsWith("this node stops voting until the agent is restarted: " + reason);
  }

  @ParameterizedTest
  @EnumSource
  void oneFailedStepOfAWriteEndsTheStore(FailingDisk.At at) throws IOException {
    var failing =
        ConfigFactory.parseMap(
            Map.of(
                VoterStoreConfig.PATH + ".class", FailingDiskProvider.class.getName(),
                VoterStoreConfig.PATH + ".fail-at", at.name()));
    try (var agent = new Agent(failing.withFallback(config(ALPHA)))) {
      var next = Samples.promising(agent.load(), 1);
      // Two that wait for the disk, then some that come later.
      agent.store.tell(new Save(next, agent.probe.ref()));
      agent.store.tell(new Load(agent.probe.ref()));
      var reason = "cannot write " + path + ": Input/output error";
      assertThat(agent.broken()).isEqualTo(reason);
      assertThat(agent.broken()).isEqualTo(reason);
      assertThat(agent.ask(next)).isEqualTo(new Broken(reason));
      agent.store.tell(new Load(agent.probe.ref()));
      assertThat(agent.broken()).isEqualTo(reason);
    }
    assertThat(errors.lines())
        .singleElement()
        .asString()
        .startsWith("this node stops voting until the agent is restarted: cannot write " + path);
    assertThat(onDisk().promised().term()).isBetween(0L, 1L);
  }

  @Test
  void aDiskThatHangsIsNotWaitedForByMoreAndMoreCommands() {
    var hanging =
        ConfigFactory.parseMap(
            Map.of(VoterStoreConfig.PATH + ".class", HangingDiskProvider.class.getName()));
    try (var agent = new Agent(hanging.withFallback(config(ALPHA)))) {
      for (var command = 1; command <= 256; command++) {
        agent.store.tell(new Load(agent.probe.ref()));
      }
      agent.probe.expectNoMessage();
      agent.store.tell(new Load(agent.probe.ref()));
      for (var command = 1; command <= 257; command++) {
        assertThat(agent.broken()).isEqualTo("256 commands wait for the disk");
      }
      HangingDiskProvider.RELEASED.release();
      // The disk is back, the store is not.
      agent.store.tell(new Load(agent.probe.ref()));
      assertThat(agent.broken()).isEqualTo("256 commands wait for the disk");
    }
    assertThat(errors.lines()).hasSize(1);
  }

  @Test
  void aStateThatTakesAPromiseBackEndsTheStore() throws IOException {
    try (var agent = new Agent(config(ALPHA))) {
      var fresh = agent.load();
      assertThat(agent.ask(Samples.promising(fresh, 5))).isInstanceOf(Saved.class);
      assertThat(agent.ask(Samples.promising(fresh, 4))).isInstanceOf(Broken.class);
      assertThat(agent.ask(Samples.promising(fresh, 6))).isInstanceOf(Broken.class);
    }
    assertThat(onDisk().promised().term()).isEqualTo(5);
  }

  @Test
  void aFullDiskEndsTheStoreEvenWhenThereIsSpaceAgain() throws Exception {
    assumeThat(run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory.toString()))
        .as("mounting needs root")
        .isZero();
    try {
      VoterState old;
      try (var agent = new Agent(config(ALPHA))) {
        old = agent.load();
        var filler = directory.resolve("filler");
        assertThatThrownBy(() -> Files.write(filler, new byte[65_536]))
            .hasMessageContaining("No space left");
        assertThat(agent.ask(Samples.promising(old, 1)))
            .isInstanceOfSatisfying(
                Broken.class, it -> assertThat(it.reason()).contains("No space left"));
        Files.delete(filler);
        assertThat(agent.ask(Samples.promising(old, 2))).isInstanceOf(Broken.class);
      }
      assertThat(onDisk()).isEqualTo(old);
      try (var agent = new Agent(config(ALPHA))) {
        assertThat(agent.ask(Samples.promising(agent.load(), 3))).isInstanceOf(Saved.class);
      }
    } finally {
      assertThat(run("umount", directory.toString())).isZero();
    }
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private Config config(NodeId node) {
    return VoterStoreConfig.of(path, SCOPE, node);
  }

  /** Also begins a store where there is none. */
  private VoterState onDisk() throws IOException {
    try (var file = StateFile.open(new FileDisk(), path, SCOPE, ALPHA)) {
      return file.stored().state();
    }
  }

  /** An actor system with the store; the file is free once it is closed. */
  private static final class Agent implements AutoCloseable {
    private final ActorTestKit kit;
    private final ActorRef<Command> store;
    private final TestProbe<Reply> probe;

    private Agent(Config config) {
      kit = ActorTestKit.create("agent", config.withFallback(ConfigFactory.load()));
      probe = kit.createTestProbe();
      store = kit.spawn(VoterStore.create(), "store");
    }

    private VoterState load() {
      store.tell(new Load(probe.ref()));
      return probe.expectMessageClass(Loaded.class).state();
    }

    private Reply ask(VoterState state) {
      store.tell(new Save(state, probe.ref()));
      return probe.receiveMessage();
    }

    private String broken() {
      return probe.expectMessageClass(Broken.class).reason();
    }

    @Override
    public void close() {
      kit.shutdownTestKit();
    }
  }
}
