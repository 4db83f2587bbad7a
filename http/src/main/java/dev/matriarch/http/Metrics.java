package dev.matriarch.http;

import dev.matriarch.http.Picture.SyncPart;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.report.FailoverLog;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgRole;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The metrics page, in Prometheus' text format, made from a picture at each call.
 *
 * <p>Patroni's are all gauges, the log positions too: the client gives every counter the suffix
 * {@code _total}, but dashboards know {@code patroni_xlog_location}.
 */
final class Metrics {
  private static final PrometheusTextFormatWriter WRITER =
      PrometheusTextFormatWriter.builder().setIncludeCreatedTimestamps(false).build();

  private final Labels labels;
  private final Optional<Picture> picture;
  private final List<MetricSnapshot> snapshots = new ArrayList<>();

  private Metrics(Identity identity, Optional<Picture> picture) {
    labels = Labels.of("scope", identity.scope(), "name", identity.name().value());
    this.picture = picture;
  }

  static String page(Identity identity, Optional<Picture> picture) {
    var metrics = new Metrics(identity, picture);
    metrics.gauge(
        "patroni_version", "Version of the agent, two digits per part", number(identity.version()));
    metrics.addInstance();
    metrics.addPositions();
    metrics.addCluster();
    metrics.addElection();
    metrics.addFailovers();
    return metrics.text();
  }

  /** {@code 4.1.4} is 40104. */
  private static double number(String version) {
    var number = 0;
    var parts = version.split("[^0-9]+", -1);
    for (var i = 0; i < 3; i++) {
      var part = i < parts.length && !parts[i].isEmpty() ? Integer.parseInt(parts[i]) : 0;
      number = number * 100 + part;
    }
    return number;
  }

  private void addInstance() {
    flag("patroni_postgres_running", "1 if PostgreSQL is running", Picture::running);
    value(
        "patroni_postmaster_start_time",
        "Epoch seconds of the start of PostgreSQL, 0 if it does not run",
        it -> it.view().detail().postmasterStartEpochSeconds().filter(_ -> it.running()));
    flag("patroni_primary", "1 if PostgreSQL is primary", it -> hasRole(it, PgRole.PRIMARY));
    flag("patroni_standby_leader", "1 if this node leads a standby cluster", _ -> false);
    flag("patroni_replica", "1 if PostgreSQL is a replica", it -> hasRole(it, PgRole.REPLICA));
    flag(
        "patroni_sync_standby",
        "1 if this is a synchronous standby",
        it -> it.ownSyncPart() == SyncPart.SYNC);
    flag(
        "patroni_quorum_standby",
        "1 if this is a standby of the quorum",
        it -> it.ownSyncPart() == SyncPart.QUORUM);
    value(
        "patroni_postgres_server_version",
        "Version of PostgreSQL, 0 if not known",
        it -> it.view().self().serverVersion().map(Integer::doubleValue));
    flag(
        "patroni_postgres_streaming",
        "1 if the replica streams",
        it -> isReplicating(it, "streaming"));
    flag(
        "patroni_postgres_in_archive_recovery",
        "1 if the replica reads from the archive",
        it -> isReplicating(it, "in archive recovery"));
    value(
        "patroni_postgres_timeline",
        "Timeline of PostgreSQL, 0 if not known",
        it -> it.view().self().timeline().map(Integer::doubleValue));
    gauge(
        "patroni_postgres_state",
        "State of PostgreSQL as a number, -1 if not known",
        picture.map(it -> stateNumber(it.view().self())).orElse(-1.0));
    flag(
        "patroni_pending_restart",
        "1 if a parameter waits for a restart",
        it -> it.view().self().pendingRestart());
  }

  private void addPositions() {
    position(
        "patroni_xlog_location",
        "Position in the log, bytes, 0 on a replica",
        PgRole.PRIMARY,
        MemberStatus::location);
    position(
        "patroni_xlog_received_location",
        "Received log, bytes, 0 on a primary",
        PgRole.REPLICA,
        self -> self.received().or(self::replayed));
    position(
        "patroni_xlog_replayed_location",
        "Replayed log, bytes, 0 on a primary",
        PgRole.REPLICA,
        MemberStatus::replayed);
    value(
        "patroni_xlog_replayed_timestamp",
        "Epoch seconds of the last replayed commit, 0 if there is none",
        it -> it.view().detail().replayTimestampEpochSeconds());
    flag(
        "patroni_xlog_paused",
        "1 if replay is paused",
        it -> hasRole(it, PgRole.REPLICA) && it.view().detail().replayPaused());
  }

  private void addCluster() {
    gauge(
        "patroni_cluster_unlocked",
        "1 if the cluster has no leader",
        picture.map(Picture::unlocked).orElse(true) ? 1 : 0);
    flag("patroni_failsafe_mode_is_active", "1 if failsafe mode is in force", _ -> false);
    value(
        "patroni_dcs_last_seen",
        "Epoch seconds when a majority was last known to be there",
        it -> it.view().lastQuorumContact().map(seen -> (double) seen.getEpochSecond()));
    flag("patroni_is_paused", "1 in maintenance mode", it -> it.view().pause());
    value(
        "patroni_failover_priority",
        "Preference among equal candidates, 0 if this node never leads",
        it -> Optional.of((double) Math.max(0, it.view().self().tags().failoverPriority())));
  }

  private void addElection() {
    value(
        "matriarch_term",
        "Term of the newest cluster record stored here",
        it -> it.view().record().map(record -> (double) record.term()));
    gauge(
        "matriarch_lease_remaining_seconds",
        "What is left of the own lease, 0 without one",
        seconds(picture.map(Picture::leaseLeft).orElse(Duration.ZERO)));
    gauge(
        "matriarch_commits_failing_seconds",
        "For how long no commit has succeeded on this primary although some were tried, 0 if all is"
            + " well",
        seconds(picture.map(it -> it.view().writePath().failingFor()).orElse(Duration.ZERO)));
    value(
        "matriarch_members_heard",
        "Members that were heard lately, this one included",
        it -> Optional.of((double) it.view().members().size()));
    value(
        "matriarch_members_joined",
        "Members heard whose agents are in one Pekko cluster with this one, which is included",
        it -> Optional.of((double) joined(it)));
  }

  /** Of the last fail-over that this node won; a phase that it did not have is not there. */
  private void addFailovers() {
    var log = picture.map(it -> it.view().failovers()).orElse(FailoverLog.EMPTY);
    snapshots.add(
        CounterSnapshot.builder()
            .name("matriarch_failovers")
            .help("Fail-overs and hand-overs that this node won since its agent began")
            .dataPoint(
                CounterDataPointSnapshot.builder()
                    .labels(labels)
                    .value((double) log.count())
                    .build())
            .build());
    if (log.last().isEmpty()) {
      return;
    }
    var phases =
        GaugeSnapshot.builder()
            .name("matriarch_failover_phase_ms")
            .help("How long the phases of the last fail-over that this node won lasted");
    log.last()
        .getLast()
        .phases()
        .forEach((phase, took) ->
            phases.dataPoint(
                GaugeDataPointSnapshot.builder()
                    .labels(labels.add("phase", phase.text()))
                    .value((double) took.toMillis())
                    .build()));
    snapshots.add(phases.build());
  }

  /** By the lives of the agents: a restarted one that has not joined again does not count. */
  private static long joined(Picture picture) {
    var together = picture.view().self().transportPeers();
    return picture.view().members().values().stream()
        .filter(member -> together.contains(member.transport()))
        .count();
  }

  @SuppressWarnings("EnumOrdinal") // The order of the states is the vocabulary of monitoring.
  private static double stateNumber(MemberStatus self) {
    return self.state().ordinal();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }

  private static boolean hasRole(Picture picture, PgRole role) {
    return picture.view().self().role() == role;
  }

  private static boolean isReplicating(Picture picture, String state) {
    return hasRole(picture, PgRole.REPLICA)
        && picture.running()
        && picture.view().self().replicationState().filter(state::equals).isPresent();
  }

  private void position(
      String name, String help, PgRole role, Function<MemberStatus, Optional<Lsn>> of) {
    value(
        name,
        help,
        it ->
            of.apply(it.view().self())
                .filter(_ -> it.running() && hasRole(it, role))
                .map(lsn -> (double) lsn.bytes()));
  }

  private void flag(String name, String help, Predicate<Picture> condition) {
    gauge(name, help, picture.filter(condition).isPresent() ? 1 : 0);
  }

  private void value(String name, String help, Function<Picture, Optional<Double>> of) {
    gauge(name, help, picture.flatMap(of).orElse(0.0));
  }

  private void gauge(String name, String help, double value) {
    var point = GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    snapshots.add(GaugeSnapshot.builder().name(name).help(help).dataPoint(point).build());
  }

  private String text() {
    var bytes = new ByteArrayOutputStream();
    try {
      WRITER.write(bytes, new MetricSnapshots(snapshots), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
