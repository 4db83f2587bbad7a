package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SynchronousKeysTest {

  @Test
  void withoutKeysCommitsWaitForNobody() {
    var empty = new HashMap<String, Object>();
    empty.put("synchronous_mode", null);

    assertThat(policy(Map.of())).isEqualTo(SyncPolicy.ASYNCHRONOUS);
    assertThat(policy(empty)).isEqualTo(SyncPolicy.ASYNCHRONOUS);
  }

  @Test
  void modesHaveTheSpellingsOfPatroni() {
    for (var value : List.<Object>of(false, "off", "OFF", "no", "false", "0", 0)) {
      assertThat(mode(value)).as("%s", value).isEqualTo(SyncMode.OFF);
    }
    for (var value : List.<Object>of(true, "on", "On", "yes", "true", "1", 1)) {
      assertThat(mode(value)).as("%s", value).isEqualTo(SyncMode.PRIORITY);
    }
    for (var value : List.<Object>of("quorum", "QUORUM", " Quorum ")) {
      assertThat(mode(value)).as("%s", value).isEqualTo(SyncMode.QUORUM);
    }
  }

  @Test
  void theOtherKeysAreRead() {
    var all =
        Map.<String, Object>of(
            "synchronous_mode", "on",
            "synchronous_mode_strict", "yes",
            "synchronous_node_count", "2",
            "maximum_lag_on_syncnode", "16MB");

    assertThat(policy(all))
        .isEqualTo(
            new SyncPolicy(
                SyncMode.PRIORITY, true, 2, OptionalLong.of(16 << 20), SyncPolicy.PATIENCE));
    assertThat(SynchronousKeys.problems(all)).isEmpty();
    assertThat(DynamicSettingsReader.read(all).warnings()).isEmpty();
    assertThat(DynamicSettingsReader.read(all).unused()).isEmpty();
  }

  @Test
  void aLagOfNothingOrLessIsNoLimit() {
    for (var value : List.<Object>of(-1, "-1", 0, "0")) {
      var configuration = Map.of("maximum_lag_on_syncnode", value);
      assertThat(policy(configuration).lagMaxBytes()).isEmpty();
      assertThat(SynchronousKeys.problems(configuration)).isEmpty();
    }
  }

  @Test
  void aFileWithOtherValuesIsRefused() throws IOException {
    var wrong =
        """
        bootstrap:
          dcs:
            synchronous_mode: quorom
            synchronous_mode_strict: maybe
            synchronous_node_count: 0
            maximum_lag_on_syncnode: -2
        """;

    assertThat(Loading.problems(minimal() + wrong))
        .extracting(Problem::format)
        .satisfiesExactly(
            it -> assertThat(it).contains("synchronous_mode is 'quorom': Write off, on or quorum"),
            it -> assertThat(it).contains("synchronous_mode_strict is 'maybe': Write true or"),
            it -> assertThat(it).contains("synchronous_node_count is '0': Write on how many"),
            it -> assertThat(it).contains("maximum_lag_on_syncnode is '-2': Write a size"));
  }

  @Test
  void inARunningClusterTheyAreReplacedAndTheModeByTheSafeOne() {
    var reading =
        DynamicSettingsReader.read(
            Map.of(
                "synchronous_mode", "quorom",
                "synchronous_mode_strict", "maybe",
                "synchronous_node_count", 0,
                "maximum_lag_on_syncnode", "far"));

    assertThat(reading.settings().synchronous())
        .isEqualTo(
            new SyncPolicy(SyncMode.QUORUM, false, 1, OptionalLong.empty(), SyncPolicy.PATIENCE));
    assertThat(reading.warnings())
        .containsExactlyInAnyOrder(
            "synchronous_mode is not off, on or quorum: quorum is used instead, the safe one",
            "synchronous_mode_strict is not true or false: the default, false, is used instead",
            "synchronous_node_count is 0, and the smallest that can be used is 1: this is used"
                + " instead",
            "maximum_lag_on_syncnode is not a size: the default, no limit, is used instead");
  }

  @Test
  void aNameThatPostgresWouldCutIsNoneForASynchronousStandby() throws IOException {
    var file = minimal().replace("node1", "n".repeat(47));
    var mode = "bootstrap: {dcs: {synchronous_mode: %s}}\n";

    assertThat(Loading.problems(file + mode.formatted("quorum")))
        .singleElement()
        .extracting(Problem::path)
        .isEqualTo("name");
    Loading.loaded(SettingsLoader.parse(file + mode.formatted("off")));
    Loading.loaded(
        SettingsLoader.parse(
            minimal().replace("node1", "n".repeat(46)) + mode.formatted("quorum")));
  }

  private static String minimal() throws IOException {
    return Files.readString(Path.of("src/test/resources/good/minimal.yml"));
  }

  private static SyncMode mode(Object value) {
    var configuration = Map.of("synchronous_mode", value);
    assertThat(SynchronousKeys.problems(configuration)).isEmpty();
    return policy(configuration).mode();
  }

  private static SyncPolicy policy(Map<String, Object> configuration) {
    return SynchronousKeys.policy(configuration);
  }
}
