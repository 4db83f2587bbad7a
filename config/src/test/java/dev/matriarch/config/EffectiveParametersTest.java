package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class EffectiveParametersTest {
  @Test
  void theMembersOwnValueWins() {
    assertThat(of(Map.of("work_mem", "1MB", "jit", "on"), "{work_mem: 2MB}"))
        .containsEntry("work_mem", "2MB")
        .containsEntry("jit", "on");
  }

  @Test
  void whatMustBeEqualEverywhereComesFromTheDynamicConfigurationAlone() {
    assertThat(of(Map.of("max_connections", 300), "{max_connections: 500, max_wal_senders: 99}"))
        .containsEntry("max_connections", "300")
        .containsEntry("max_wal_senders", "10");
    assertThat(warnings(Map.of(), "{max_connections: 500}"))
        .singleElement()
        .asString()
        .contains("max_connections", "bootstrap.dcs.postgresql.parameters");
  }

  @Test
  void aValueBelowTheSmallestBecomesTheDefault() {
    Map<String, Object> small =
        Map.of(
            "max_connections", 24,
            "max_wal_senders", 2,
            "max_locks_per_transaction", 31,
            "max_replication_slots", 3,
            "max_worker_processes", 1,
            "max_prepared_transactions", -1,
            "wal_keep_size", "15MB",
            "wal_level", "minimal",
            "wal_log_hints", "perhaps");

    assertThat(of(small, "{}")).isEqualTo(of(Map.of(), "{}"));
    assertThat(warnings(small, "{}")).hasSize(small.size());
  }

  @Test
  void theSmallestValuesAreUsed() {
    Map<String, Object> smallest =
        Map.of(
            "max_connections", 25,
            "max_wal_senders", 3,
            "max_locks_per_transaction", 32,
            "max_replication_slots", 4,
            "max_worker_processes", 2,
            "wal_keep_size", "16MB",
            "wal_level", "logical",
            "wal_log_hints", "off");

    assertThat(of(smallest, "{}"))
        .containsEntry("max_connections", "25")
        .containsEntry("wal_keep_size", "16MB")
        .containsEntry("wal_level", "logical")
        .containsEntry("wal_log_hints", "off");
    assertThat(warnings(smallest, "{}")).isEmpty();
  }

  @Test
  void segmentsBecomeASize() {
    assertThat(of(Map.of("wal_keep_segments", 64), "{}"))
        .containsEntry("wal_keep_size", "1024MB")
        .doesNotContainKey("wal_keep_segments");
  }

  @Test
  void whatTheAgentDecidesCannotBeOverridden() {
    var own =
        "{port: 1, listen_addresses: x, cluster_name: y, hot_standby: off, primary_slot_name: z,"
            + " recovery_target_lsn: 0/1, data_directory: /x}";

    assertThat(of(Map.of("port", 2, "primary_conninfo", "host=x"), own))
        .isEqualTo(of(Map.of(), "{}"))
        .containsEntry("port", "5440")
        .containsEntry("cluster_name", "main")
        .containsEntry("hot_standby", "on");
  }

  @Test
  void ourDefaultsCanBeOverridden() {
    assertThat(of(Map.of("wal_retrieve_retry_interval", "1s"), "{}"))
        .containsEntry("wal_retrieve_retry_interval", "1s");
  }

  @Test
  void theNamesOfSynchronousStandbysAreTheUsersInAsynchronousModeOnly() {
    var own = local("{synchronous_standby_names: 'FIRST 1 (a)'}");
    for (var mode : List.of("off", "on", "quorum")) {
      var dynamic =
          DynamicSettingsReader.read(
                  Map.of(
                      "synchronous_mode",
                      mode,
                      "postgresql",
                      Map.of("parameters", Map.of("Synchronous_Standby_Names", "*"))))
              .settings();
      for (var local : List.of(own, local("{}"))) {
        var names = EffectiveParameters.of(dynamic, local, "main").get("synchronous_standby_names");
        if (mode.equals("off")) {
          assertThat(names).isEqualTo(local.equals(own) ? "FIRST 1 (a)" : "*");
          assertThat(EffectiveParameters.warnings(dynamic, local)).isEmpty();
        } else {
          assertThat(names).isNull();
          assertThat(EffectiveParameters.warnings(dynamic, local))
              .containsExactly(
                  "postgresql.parameters.synchronous_standby_names is ignored: the agent writes it"
                      + " in synchronous mode");
        }
      }
    }
  }

  @Test
  void commitsThatWouldNotWaitForTheDiskOfAStandbyAreSaid() {
    for (var value : List.of("off", "local", "remote_write", "LOCAL", "no")) {
      assertThat(warningsOfCommit("quorum", value))
          .singleElement()
          .asString()
          .startsWith("postgresql.parameters.synchronous_commit is '");
      assertThat(warningsOfCommit("off", value)).isEmpty();
    }
    for (var value : List.of("on", "remote_apply", "true")) {
      assertThat(warningsOfCommit("on", value)).isEmpty();
    }
  }

  private static List<String> warningsOfCommit(String mode, String value) {
    var dynamic = DynamicSettingsReader.read(Map.of("synchronous_mode", mode)).settings();
    var local = local("{synchronous_commit: '%s'}".formatted(value));
    assertThat(EffectiveParameters.of(dynamic, local, "main"))
        .containsEntry("synchronous_commit", value);
    return EffectiveParameters.warnings(dynamic, local);
  }

  private static SortedMap<String, String> of(Map<String, Object> dynamic, String own) {
    return EffectiveParameters.of(dynamic(dynamic), local(own), "main");
  }

  private static List<String> warnings(Map<String, Object> dynamic, String own) {
    return EffectiveParameters.warnings(dynamic(dynamic), local(own));
  }

  private static DynamicSettings dynamic(Map<String, Object> parameters) {
    return DynamicSettingsReader.read(Map.of("postgresql", Map.of("parameters", parameters)))
        .settings();
  }

  private static PostgresSettings local(String parameters) {
    var file =
        """
        scope: main
        name: node1
        restapi: {listen: 10.0.0.1:8008}
        postgresql:
          listen: 10.0.0.1:5440
          data_dir: /srv/pg
          authentication: {replication: {username: replicator}}
        """;
    return Loading.loaded(SettingsLoader.parse(file + "  parameters: " + parameters))
        .settings()
        .postgresql()
        .orElseThrow();
  }
}
