package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.matriarch.config.AgentSettings;
import dev.matriarch.config.SettingsLoader;
import dev.matriarch.config.SettingsResult;
import dev.matriarch.persistence.VoterStoreConfig;
import dev.matriarch.protocol.status.NodeView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Kill;
import org.apache.pekko.actor.typed.ActorSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A witness of its own: all actors of an agent, without PostgreSQL. */
class NodeTest {
  private final Latest<Optional<NodeView>> view = new Latest<>(Optional.empty());
  private final Latest<Node.Ending> ending = new Latest<>(Node.Ending.FAILED);
  private final ActorSystem<Node.Command> system;

  NodeTest(@TempDir Path directory) throws IOException {
    var settings = settings(directory);
    var local =
        ConfigFactory.parseMap(
            Map.of(
                "pekko.remote.artery.canonical.hostname",
                "127.0.0.1",
                "pekko.remote.artery.canonical.port",
                0));
    system =
        ActorSystem.create(
            Node.create(new Node.Parts(settings, directory, "test", view, ending)),
            "matriarch",
            VoterStoreConfig.of(directory.resolve("voter.json"), settings.scope(), settings.name())
                .withFallback(local)
                .withFallback(ConfigFactory.load()));
  }

  @BeforeEach
  void isUp() throws Exception {
    TestHost.eventually(
        "it decides", () -> view.get().filter(it -> it.decision().contains("witness")).isPresent());
  }

  @AfterEach
  void stop() throws Exception {
    system.terminate();
    ended();
  }

  @Test
  void itEndsWhenAsked() throws Exception {
    system.tell(new Node.Shutdown());
    ended();
    assertThat(ending.get()).isEqualTo(Node.Ending.STOPPED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"supervisor", "election", "members", "joiner"})
  void aNewLifeBeginsWhenAPartHasFailed(String part) throws Exception {
    system
        .classicSystem()
        .actorSelection("/user/" + part)
        .tell(Kill.getInstance(), ActorRef.noSender());
    ended();
    assertThat(ending.get()).isEqualTo(Node.Ending.RENEWED);
  }

  private void ended() throws Exception {
    system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static AgentSettings settings(Path directory) throws IOException {
    var file = directory.resolve("agent.yml");
    Files.writeString(
        file,
        """
        scope: test
        name: w
        restapi: {listen: "127.0.0.1:8008", connect_address: "127.0.0.1:8008"}
        cluster:
          listen: 127.0.0.1:7400
          connect_address: 127.0.0.1:7400
          data_dir: %s/state
          members: {w: "127.0.0.1:7400"}
        """
            .formatted(directory));
    return switch (SettingsLoader.load(file)) {
      case SettingsResult.Loaded(var settings, _) -> settings;
      case SettingsResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }
}
