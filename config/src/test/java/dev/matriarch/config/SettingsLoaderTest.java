package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.config.RestApiSettings.ServerTokens;
import dev.matriarch.config.SettingsResult.Invalid;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.SyncMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsLoaderTest {

  @Test
  void theSampleLoadsWithoutWarnings() throws IOException {
    try (var sample = SettingsLoader.class.getResourceAsStream("sample.yml")) {
      var text = new String(sample.readAllBytes(), StandardCharsets.UTF_8);
      var loaded = Loading.loaded(SettingsLoader.parse(text));

      assertThat(loaded.warnings()).isEmpty();
      assertThat(loaded.settings().unused()).isEmpty();
      assertThat(loaded.settings().cluster().members()).hasSize(3);
    }
  }

  @Test
  void theSampleTellsTheDefaultsOfTheDynamicConfiguration() throws IOException {
    try (var sample = SettingsLoader.class.getResourceAsStream("sample.yml")) {
      var text = new String(sample.readAllBytes(), StandardCharsets.UTF_8);
      var dcs = Loading.loaded(SettingsLoader.parse(text)).settings().bootstrap().dcs();
      var written = DynamicSettingsReader.read(dcs).settings();
      var defaults = DynamicSettingsReader.read(Map.of()).settings();

      assertThat(written)
          .usingRecursiveComparison()
          .ignoringFields("parameters", "synchronous")
          .isEqualTo(defaults);
      // What is written for Patroni keeps its meaning; what is written for us loses nothing.
      assertThat(written.synchronous())
          .usingRecursiveComparison()
          .ignoringFields("mode")
          .isEqualTo(defaults.synchronous());
      assertThat(written.synchronous().mode()).isEqualTo(SyncMode.QUORUM);
    }
  }

  @Test
  void aFileWrittenForPatroniKeepsItsMeaning() {
    var settings = Loading.good("patroni.yml");

    assertThat(settings.scope()).isEqualTo("batman");
    assertThat(settings.cluster().members())
        .containsEntry(new NodeId("db-3"), new Endpoint("10.0.0.3", 7400));
    assertThat(settings.cluster().connectAddress()).isEqualTo(new Endpoint("10.0.0.1", 7400));
    assertThat(settings.cluster().listen()).isEqualTo(new Endpoint("0.0.0.0", 7400));
    assertThat(settings.restApi().serverTokens()).isEqualTo(ServerTokens.PRODUCT_ONLY);
    assertThat(settings.restApi().httpExtraHeaders())
        .containsEntry("X-Frame-Options", "SAMEORIGIN");
    assertThat(settings.bootstrap().initdb())
        .containsExactly("encoding=UTF8", "locale=C.UTF-8", "data-checksums");
    assertThat(settings.log().level()).isEqualTo("WARNING");
    assertThat(settings.log().fileSizeBytes()).isEqualTo(10 << 20);
    assertThat(settings.log().loggers()).containsEntry("org.example", "DEBUG");
    assertThat(settings.watchdog().mode()).isEqualTo(WatchdogSettings.Mode.OFF);
    assertThat(settings.tags().values())
        .containsOnly(
            entry("nofailover", true),
            entry("failover_priority", 5),
            entry("clonefrom", true),
            entry("zone", "a"),
            entry("rack", 7));
    assertThat(settings.unused()).containsKeys("etcd3", "namespace", "postgresql.callbacks");
  }

  @Test
  void thePostgresSectionOfPatroniKeepsItsMeaning() {
    var postgres = Loading.good("patroni.yml").postgresql().orElseThrow();

    assertThat(postgres.listenAddresses()).isEqualTo("0.0.0.0");
    assertThat(postgres.port()).isEqualTo(5433);
    assertThat(postgres.pgpass()).isEqualTo(Path.of("/tmp/pgpass0"));
    assertThat(postgres.useUnixSocket()).isTrue();
    assertThat(postgres.pgCtlTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(postgres.superuser())
        .isEqualTo(new Credentials("postgres", Optional.of("hidden-word")));
    assertThat(postgres.replication().password()).contains("0123");
    assertThat(postgres.basebackup())
        .containsOnly(entry("verbose", ""), entry("max-rate", "100M"), entry("checkpoint", "fast"));
    assertThat(postgres.parameters())
        .containsOnly(
            entry("log_statement", "ddl"),
            entry("log_file_mode", "0600"),
            entry("fsync", "on"),
            entry("jit", "off"),
            entry("random_page_cost", "1.1"),
            entry("max_connections", "300"),
            entry("pg_stat_statements.max", "1000"),
            entry("restore_command", "cp /archive/%f %p"));
  }

  @Test
  void theFirstDynamicConfigurationHasNothingLocalOrSecret() {
    var dcs = Loading.good("patroni.yml").bootstrap().dcs();

    assertThat(dcs).containsEntry("ttl", 30).containsEntry("synchronous_mode", false);
    assertThat(dcs.get("postgresql"))
        .isEqualTo(
            Map.of(
                "use_pg_rewind",
                false,
                "parameters",
                Map.of("max_connections", 200, "hot_standby", "on")));
    assertThat(DynamicSettingsReader.read(dcs).settings().primaryStartTimeout())
        .isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void whetherDataAreRewoundIsForTheMembersFileToSay() throws IOException {
    var file = Files.readString(Path.of("src/test/resources/good/minimal.yml"));
    var written = Loading.loaded(SettingsLoader.parse(file)).settings().postgresql().orElseThrow();

    for (var ofAll : List.of(true, false)) {
      var dynamic =
          DynamicSettingsReader.read(Map.of("postgresql", Map.of("use_pg_rewind", ofAll)))
              .settings();
      assertThat(written.rewinds(dynamic)).isEqualTo(ofAll);
      for (var own : List.of(true, false)) {
        var text = file.replace("postgresql:\n", "postgresql:\n  use_pg_rewind: " + own + "\n");
        var postgres =
            Loading.loaded(SettingsLoader.parse(text)).settings().postgresql().orElseThrow();
        assertThat(postgres.rewinds(dynamic)).isEqualTo(own);
      }
    }
  }

  @Test
  void aWitnessHasNoPostgres() {
    var settings = Loading.good("witness.yml");

    assertThat(settings.postgresql()).isEmpty();
    assertThat(settings.cluster().dataDir()).isEqualTo(Path.of("/srv/matriarch"));
    assertThat(settings.cluster().members())
        .containsEntry(new NodeId("node2"), new Endpoint("2001:db8::2", 7400));
  }

  @Test
  void relativeDirectoriesAreMadeAbsolute() {
    var postgres = Loading.good("loopback.yml").postgresql().orElseThrow();

    assertThat(postgres.dataDir()).isEqualTo(Path.of("demo/node1/data").toAbsolutePath());
  }

  @Test
  void anchorsAndMergeKeysAreFollowed() {
    var settings = Loading.good("anchors.yml");
    var postgres = settings.postgresql().orElseThrow();

    assertThat(settings.name()).isEqualTo(new NodeId("main"));
    assertThat(postgres.replication())
        .isEqualTo(new Credentials("replicator", Optional.of("hidden-word")));
    assertThat(postgres.listenAddresses()).isEqualTo("10.0.0.1,::1");
  }

  @Test
  void certificatesThatExistAreTaken(@TempDir Path dir) throws IOException {
    for (var name : List.of("a.crt", "a.key", "ca.crt")) {
      Files.writeString(dir.resolve(name), "-");
    }
    var file =
        Files.readString(Path.of("src/test/resources/good/minimal.yml"))
            + "cluster: {tls: {certfile: %1$s/a.crt, keyfile: %1$s/a.key, cafile: %1$s/ca.crt}}"
                .formatted(dir);

    assertThat(Loading.loaded(SettingsLoader.parse(file)).settings().cluster().tls())
        .contains(
            new ClusterSettings.Tls(
                dir.resolve("a.crt"), dir.resolve("a.key"), dir.resolve("ca.crt")));
  }

  @Test
  void aMemberThatNamesAnotherStoreNeverBecomesAClusterOfItsOwn() throws IOException {
    var file = Files.readString(Path.of("src/test/resources/good/minimal.yml"));

    for (var store : NoEffect.STORES) {
      var addition = store + ": {hosts: 10.0.0.9}\n";
      assertThat(Loading.problems(file + addition + "cluster: {listen: 10.0.0.1}\n"))
          .singleElement()
          .extracting(Problem::path)
          .isEqualTo("cluster.members");
      assertThat(Loading.problems(file + addition)).hasSize(1);
    }
  }

  @Test
  void aPathThatIsNoFileSaysSo(@TempDir Path dir) throws IOException {
    var latin = Files.write(dir.resolve("latin.yml"), new byte[] {'a', ':', ' ', (byte) 0xe4});

    assertThat(sentence(dir.resolve("absent.yml"))).startsWith("There is no file ");
    assertThat(sentence(dir)).endsWith("is a directory: name one file in it.");
    assertThat(sentence(latin)).contains("is not a text in UTF-8");
  }

  @Test
  void aNameOnTwoLinesIsRefused() {
    assertThat(Loading.problems("scope: a\nname: \"a\\nb\"\nrestapi: {listen: 10.0.0.1}\n"))
        .extracting(Problem::path)
        .contains("name");
  }

  private static String sentence(Path file) {
    return ((Invalid) SettingsLoader.load(file)).problems().getFirst().format();
  }
}
