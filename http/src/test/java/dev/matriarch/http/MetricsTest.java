package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.status.PgState;
import dev.matriarch.protocol.status.WritePathStatus;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-z_]+)\\{name=\"([^\"]*)\",scope=\"([^\"]*)\"} (\\S+)");

  @Test
  void everyMetricHasItsNameHelpTypeAndLabels() {
    var page = Metrics.page(Views.IDENTITY, Views.replica().picture());
    var names = samples(page).keySet();
    assertThat(names)
        .contains(
            "patroni_version",
            "patroni_postgres_running",
            "patroni_postmaster_start_time",
            "patroni_primary",
            "patroni_xlog_location",
            "patroni_standby_leader",
            "patroni_replica",
            "patroni_sync_standby",
            "patroni_quorum_standby",
            "patroni_xlog_received_location",
            "patroni_xlog_replayed_location",
            "patroni_xlog_replayed_timestamp",
            "patroni_xlog_paused",
            "patroni_postgres_streaming",
            "patroni_postgres_in_archive_recovery",
            "patroni_postgres_server_version",
            "patroni_cluster_unlocked",
            "patroni_failsafe_mode_is_active",
            "patroni_postgres_timeline",
            "patroni_dcs_last_seen",
            "patroni_pending_restart",
            "patroni_is_paused",
            "patroni_postgres_state",
            "patroni_failover_priority",
            "matriarch_term",
            "matriarch_lease_remaining_seconds",
            "matriarch_commits_failing_seconds",
            "matriarch_members_heard",
            "matriarch_members_joined",
            "matriarch_failovers_total");
    for (var name : names) {
      var type = name.equals("matriarch_failovers_total") ? " counter\n" : " gauge\n";
      assertThat(page).contains("# HELP " + name + " ").contains("# TYPE " + name + type);
    }
    assertThat(page.lines().filter(line -> !line.startsWith("#")))
        .allSatisfy(line -> assertThat(line).matches(SAMPLE))
        .allSatisfy(line -> assertThat(line).contains("{name=\"db2\",scope=\"main\"}"));
  }

  @Test
  void thePhasesOfTheLastFailoverAreTold() {
    var views = Views.leader().failovers(Views.log(Views.won(5), Views.won(7)));
    var page = Metrics.page(Views.IDENTITY, views.picture());
    assertThat(page)
        .contains("matriarch_failovers_total{name=\"db2\",scope=\"main\"} 2.0")
        .contains("# TYPE matriarch_failover_phase_ms gauge\n")
        .contains(phase("suspected", 12))
        .contains(phase("waited", 50))
        .contains(phase("fenced", 18))
        .contains(phase("chosen", 9))
        .contains(phase("promoted", 85))
        .contains(phase("attached", 210))
        .doesNotContain("canvassed");
    assertThat(Metrics.page(Views.IDENTITY, Views.leader().picture()))
        .contains("matriarch_failovers_total{name=\"db2\",scope=\"main\"} 0.0")
        .doesNotContain("matriarch_failover_phase_ms");
  }

  private static String phase(String phase, int ms) {
    return "matriarch_failover_phase_ms{name=\"db2\",phase=\"%s\",scope=\"main\"} %d.0\n"
        .formatted(phase, ms);
  }

  @Test
  void aReplicaTellsReceivedAndReplayedLog() {
    var views = Views.replica().received("2/1").replayed("1/FFFFFFFF").sync("on");
    assertThat(samples(Metrics.page(Views.IDENTITY, views.picture())))
        .containsEntry("patroni_version", 100.0)
        .containsEntry("patroni_replica", 1.0)
        .containsEntry("patroni_primary", 0.0)
        .containsEntry("patroni_xlog_location", 0.0)
        .containsEntry("patroni_xlog_received_location", 8_589_934_593.0)
        .containsEntry("patroni_xlog_replayed_location", 8_589_934_591.0)
        .containsEntry("patroni_sync_standby", 1.0)
        .containsEntry("patroni_postgres_streaming", 1.0)
        .containsEntry("patroni_postgres_timeline", 3.0)
        .containsEntry("patroni_postgres_server_version", 150_012.0)
        .containsEntry("patroni_postgres_state", 5.0)
        .containsEntry("patroni_cluster_unlocked", 0.0)
        .containsEntry("patroni_dcs_last_seen", 1_772_360_402.0)
        .containsEntry("matriarch_term", 7.0)
        .containsEntry("matriarch_members_joined", 1.0)
        .containsEntry("matriarch_lease_remaining_seconds", 0.0);
  }

  @Test
  void partsInSynchronousReplicationAreTold() {
    assertThat(samples(Metrics.page(Views.IDENTITY, Views.replica().sync("quorum").picture())))
        .containsEntry("patroni_sync_standby", 0.0)
        .containsEntry("patroni_quorum_standby", 1.0);
    for (var views :
        List.of(
            Views.leader().sync("quorum"),
            Views.replica().sync("quorum").state(PgState.STOPPED),
            Views.replica().sync("quorum").incarnation(1),
            Views.replica())) {
      assertThat(samples(Metrics.page(Views.IDENTITY, views.picture())))
          .containsEntry("patroni_sync_standby", 0.0)
          .containsEntry("patroni_quorum_standby", 0.0);
    }
  }

  @Test
  void theLeaderTellsItsPositionAndWhatIsLeftOfItsLease() {
    assertThat(samples(Metrics.page(Views.IDENTITY, Views.leader().pause().picture())))
        .containsEntry("patroni_primary", 1.0)
        .containsEntry("patroni_replica", 0.0)
        .containsEntry("patroni_xlog_location", (double) Views.LEADER_LSN.bytes())
        .containsEntry("patroni_xlog_received_location", 0.0)
        .containsEntry("patroni_is_paused", 1.0)
        .containsEntry("matriarch_lease_remaining_seconds", 3.0);
  }

  @Test
  void withoutAPictureTheStateIsUnknown() {
    assertThat(samples(Metrics.page(Views.IDENTITY, Optional.empty())))
        .containsEntry("patroni_postgres_state", -1.0)
        .containsEntry("patroni_postgres_running", 0.0)
        .containsEntry("patroni_cluster_unlocked", 1.0);
  }

  @Test
  void aPrimaryThatDoesNotCommitShowsForHowLong() {
    var status = new WritePathStatus(Duration.ofMillis(2500), Optional.of("no commit"));
    var sick = Views.leader().writing(status).picture();
    assertThat(samples(Metrics.page(Views.IDENTITY, sick)))
        .containsEntry("matriarch_commits_failing_seconds", 2.5);
    assertThat(samples(Metrics.page(Views.IDENTITY, Views.leader().picture())))
        .containsEntry("matriarch_commits_failing_seconds", 0.0);
  }

  private static Map<String, Double> samples(String page) {
    var samples = new LinkedHashMap<String, Double>();
    for (var line : page.lines().filter(it -> !it.startsWith("#")).toList()) {
      var matcher = SAMPLE.matcher(line);
      assertThat(matcher.matches()).as(line).isTrue();
      samples.put(matcher.group(1), Double.valueOf(matcher.group(4)));
    }
    return samples;
  }
}
