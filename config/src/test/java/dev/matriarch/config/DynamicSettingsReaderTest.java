package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.ha.WritePath.OnDiskFull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DynamicSettingsReaderTest {

  @Test
  void timesAndSizesMayHaveUnits() {
    var settings =
        DynamicSettingsReader.read(
                Map.of(
                    "ttl",
                    "1min",
                    "loop_wait",
                    0.5,
                    "maximum_lag_on_failover",
                    "2MB",
                    "member_slots_ttl",
                    "1h",
                    "primary_start_timeout",
                    0))
            .settings();

    assertThat(settings.ttl()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.loopWait()).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.maximumLagOnFailoverBytes()).isEqualTo(2 << 20);
    assertThat(settings.memberSlotsTtl()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.primaryStartTimeout()).isZero();
  }

  @Test
  void commitsMayFailForASecondAtLeastUnlessNobodyLooks() {
    assertThat(read("commit_timeout", "30 s").commitTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(read("commit_timeout", 0).commitTimeout()).isZero();
    var reading = DynamicSettingsReader.read(Map.of("commit_timeout", "300ms"));
    assertThat(reading.settings().commitTimeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(reading.warnings()).singleElement().asString().startsWith("commit_timeout is 0.3 s");
  }

  @Test
  void aFullDiskIsHandedOverUnlessSomethingElseIsSaid() {
    assertThat(read("on_disk_full", "stay").onDiskFull()).isEqualTo(OnDiskFull.STAY);
    assertThat(read("on_disk_full", "Hand_Over").onDiskFull()).isEqualTo(OnDiskFull.HAND_OVER);
    var reading = DynamicSettingsReader.read(Map.of("on_disk_full", "panic"));
    assertThat(reading.settings().onDiskFull()).isEqualTo(OnDiskFull.HAND_OVER);
    assertThat(reading.warnings())
        .containsExactly(
            "on_disk_full is not hand_over or stay: the default, hand_over, is used instead");
  }

  @Test
  void aLeaderStaysOnAFullDiskForTenSecondsAtLeastSoThatFullMembersDoNotDriveEachOtherOn() {
    var key = "disk_full_leads_at_least";
    assertThat(read(key, 10).diskFullLeadsAtLeast()).isEqualTo(Duration.ofSeconds(10));
    assertThat(read(key, "1h").diskFullLeadsAtLeast()).isEqualTo(Duration.ofHours(1));
    for (var tooShort : List.of(9.9, 0, -1)) {
      var reading = DynamicSettingsReader.read(Map.of(key, tooShort));
      assertThat(reading.settings().diskFullLeadsAtLeast()).isEqualTo(Duration.ofSeconds(10));
      assertThat(reading.warnings())
          .containsExactly(
              "disk_full_leads_at_least is %s s, and the smallest that can be used is 10 s: this is used instead"
                  .formatted(tooShort));
    }
    var reading = DynamicSettingsReader.read(Map.of(key, "soon"));
    assertThat(reading.settings().diskFullLeadsAtLeast()).isEqualTo(Duration.ofMinutes(10));
    assertThat(reading.warnings())
        .containsExactly(
            "disk_full_leads_at_least is not a time: the default, 600 s, is used instead");
  }

  private static DynamicSettings read(String key, Object value) {
    var reading = DynamicSettingsReader.read(Map.of(key, value));
    assertThat(reading.warnings()).isEmpty();
    return reading.settings();
  }

  @Test
  void theNewNameOfTheStartTimeoutWins() {
    var reading =
        DynamicSettingsReader.read(Map.of("master_start_timeout", 7, "primary_start_timeout", 9));

    assertThat(reading.settings().primaryStartTimeout()).isEqualTo(Duration.ofSeconds(9));
    assertThat(reading.warnings()).isEmpty();
  }

  @Test
  void theHeartbeatFitsIntoTheLease() {
    var reading = DynamicSettingsReader.read(Map.of("ttl", 3, "heartbeat", 1));

    assertThat(reading.settings().heartbeat()).isEqualTo(Duration.ofMillis(500));
    assertThat(reading.warnings()).singleElement().asString().startsWith("heartbeat is 1 s");
  }

  @Test
  void suspicionFollowsALongHeartbeat() {
    var reading = DynamicSettingsReader.read(Map.of("ttl", 30, "heartbeat", 1));

    assertThat(reading.settings().suspicion()).isEqualTo(Duration.ofSeconds(3));
    assertThat(reading.warnings()).isEmpty();
  }

  @Test
  void whateverIsWrittenTheRulesHoldAndNothingIsThrown() {
    List<Object> values =
        new ArrayList<>(
            List.of(
                0,
                -1,
                1,
                2,
                0.001,
                1e300,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                "",
                "x",
                "5 s",
                "1e9d",
                true,
                false,
                List.of(),
                List.of(1),
                Map.of(),
                Map.of("a", 1),
                Double.NaN));
    var keys =
        List.of(
            "ttl",
            "loop_wait",
            "heartbeat",
            "suspicion",
            "maximum_lag_on_failover",
            "pause",
            "primary_start_timeout",
            "member_slots_ttl",
            "disk_full_leads_at_least",
            "max_timelines_history",
            "check_timeline",
            "postgresql",
            "synchronous_mode",
            "synchronous_mode_strict",
            "synchronous_node_count",
            "maximum_lag_on_syncnode");
    for (var one : values) {
      for (var other : values) {
        for (var first : keys) {
          var configuration = new HashMap<String, Object>();
          keys.forEach(key -> configuration.put(key, other));
          configuration.put(first, one);

          var settings = DynamicSettingsReader.read(configuration).settings();

          assertThat(settings.ttl())
              .isGreaterThanOrEqualTo(Duration.ofSeconds(2))
              .isGreaterThanOrEqualTo(settings.heartbeat().multipliedBy(4).plusSeconds(1));
          assertThat(settings.heartbeat()).isGreaterThanOrEqualTo(Duration.ofMillis(20));
          assertThat(settings.suspicion())
              .isGreaterThanOrEqualTo(settings.heartbeat().multipliedBy(3));
          assertThat(settings.loopWait()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
          assertThat(settings.diskFullLeadsAtLeast())
              .isGreaterThanOrEqualTo(Duration.ofSeconds(10));
          assertThat(settings.maximumLagOnFailoverBytes()).isNotNegative();
          assertThat(settings.maxTimelinesHistory()).isNotNegative();
        }
      }
    }
  }

  @Test
  void pauseIsOnlyOnWhenItSaysSo() {
    assertThat(DynamicSettingsReader.read(Map.of("pause", true)).settings().pause()).isTrue();
    assertThat(DynamicSettingsReader.read(Map.of("pause", "off")).settings().pause()).isFalse();
  }

  @Test
  void whatIsNotThereYetIsSaidOnceItIsWanted() {
    assertThat(
            DynamicSettingsReader.read(
                    Map.of("pause", true, "check_timeline", "on", "max_timelines_history", 9))
                .warnings())
        .hasSize(3)
        .allMatch(
            it -> it.matches("(pause|check_timeline|max_timelines_history) has no effect yet: .*"));
    assertThat(
            DynamicSettingsReader.read(
                    Map.of("pause", false, "check_timeline", "off", "max_timelines_history", 0))
                .warnings())
        .isEmpty();
  }

  @Test
  void parametersHaveTheirTextInPostgres() {
    Map<String, Object> parameters =
        Map.of("JIT", false, "work_mem", "4MB", "random_page_cost", 1.1, "max_connections", 200);

    assertThat(
            DynamicSettingsReader.read(Map.of("postgresql", Map.of("parameters", parameters)))
                .settings()
                .parameters())
        .isEqualTo(
            Map.of(
                "jit",
                "off",
                "work_mem",
                "4MB",
                "random_page_cost",
                "1.1",
                "max_connections",
                "200"));
  }
}
