package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.config.RestApiSettings.ServerTokens;
import dev.matriarch.config.SettingsResult.Loaded;
import dev.matriarch.protocol.ha.WritePath.OnDiskFull;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Records every default: whoever changes one changes what running clusters do. */
class DefaultsTest {

  @Test
  void theSmallestFileMeansThis() {
    var at = new Endpoint("10.0.0.1", 7400);
    var own = Path.of("/srv/pg/node1.matriarch");
    var expected =
        new AgentSettings(
            new NodeId("node1"),
            "main",
            new ClusterSettings(
                at, at, new TreeMap<>(Map.of(new NodeId("node1"), at)), own, Optional.empty()),
            new RestApiSettings(
                new Endpoint("10.0.0.1", 8008),
                new Endpoint("10.0.0.1", 8008),
                Optional.empty(),
                Map.of(),
                ServerTokens.ORIGINAL),
            Optional.of(
                new PostgresSettings(
                    "10.0.0.1",
                    5432,
                    new Endpoint("10.0.0.1", 5432),
                    Path.of("/srv/pg/node1"),
                    Optional.empty(),
                    own.resolve("pgpass"),
                    new Credentials("postgres", Optional.empty()),
                    new Credentials("replicator", Optional.of("hidden-word")),
                    Optional.empty(),
                    false,
                    new TreeMap<>(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    new TreeMap<>(),
                    Duration.ofSeconds(60))),
            new BootstrapSettings(Map.of(), List.of(), List.of()),
            Tags.NONE,
            new WatchdogSettings(
                WatchdogSettings.Mode.AUTOMATIC,
                Path.of("/dev/watchdog"),
                Duration.ofSeconds(-1),
                false),
            new LogSettings("INFO", false, Optional.empty(), 4, 25_000_000, Map.of()),
            Map.of());

    assertThat(SettingsLoader.load(Path.of("src/test/resources/good/minimal.yml")))
        .isEqualTo(new Loaded(expected, List.of()));
  }

  @Test
  void anEmptyDynamicConfigurationMeansThis() {
    var reading = DynamicSettingsReader.read(Map.of());

    assertThat(reading.warnings()).isEmpty();
    assertThat(reading.unused()).isEmpty();
    assertThat(reading.settings())
        .isEqualTo(
            new DynamicSettings(
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                1_048_576,
                SyncPolicy.ASYNCHRONOUS,
                Duration.ofSeconds(300),
                Duration.ofSeconds(10),
                OnDiskFull.HAND_OVER,
                Duration.ofMinutes(10),
                Duration.ofMinutes(30),
                0,
                false,
                false,
                true,
                true,
                new TreeMap<>(),
                List.of()));
  }

  @Test
  void withoutParametersPostgresGetsThese() {
    var loaded = Loading.good("minimal.yml");
    var dynamic = DynamicSettingsReader.read(Map.of()).settings();

    assertThat(EffectiveParameters.of(dynamic, loaded.postgresql().orElseThrow(), "main"))
        .isEqualTo(
            Map.ofEntries(
                Map.entry("cluster_name", "main"),
                Map.entry("hot_standby", "on"),
                Map.entry("listen_addresses", "10.0.0.1"),
                Map.entry("max_connections", "100"),
                Map.entry("max_locks_per_transaction", "64"),
                Map.entry("max_prepared_transactions", "0"),
                Map.entry("max_replication_slots", "10"),
                Map.entry("max_wal_senders", "10"),
                Map.entry("max_worker_processes", "8"),
                Map.entry("port", "5432"),
                Map.entry("track_commit_timestamp", "off"),
                Map.entry("wal_keep_size", "128MB"),
                Map.entry("wal_level", "replica"),
                Map.entry("wal_log_hints", "on"),
                Map.entry("wal_retrieve_retry_interval", "100ms")));
  }
}
