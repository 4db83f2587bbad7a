package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealthTableTest {
  private static final Query NO_QUERY = Query.parse("");

  /** A plus is 200, a point 503; columns as in {@link #situations}. */
  private static final String TABLE =
      """
      path                    leader expired replica silent noload stopped sync quorum pausedPrimary none
      /                       +      .       .       .      .      .       .    .      +             .
      /primary                +      .       .       .      .      .       .    .      +             .
      /master                 +      .       .       .      .      .       .    .      +             .
      /read-write             +      .       .       .      .      .       .    .      +             .
      /my-primary-check       +      .       .       .      .      .       .    .      +             .
      /primary/more           +      .       .       .      .      .       .    .      +             .
      /leader                 +      .       .       .      .      .       .    .      +             .
      /any/leader             +      .       .       .      .      .       .    .      +             .
      /leader-replica         +      .       .       .      .      .       .    .      +             .
      /standby-leader         .      .       .       .      .      .       .    .      .             .
      /standby_leader         .      .       .       .      .      .       .    .      .             .
      /primary-standby-leader .      .       .       .      .      .       .    .      .             .
      /replica                .      .       +       +      .      .       +    +      .             .
      /my-replicas            .      .       +       +      .      .       +    +      .             .
      /read-only-replica      .      .       +       +      .      .       +    +      .             .
      /sync-replica           .      .       +       +      .      .       +    +      .             .
      /primary-or-replica     +      .       .       .      .      .       .    .      +             .
      /read-only              +      .       +       +      .      .       +    +      +             .
      /xread-onlyx            +      .       +       +      .      .       +    +      +             .
      /read-only-async        .      .       .       .      .      .       .    .      .             .
      /health                 +      +       +       +      +      .       +    +      +             .
      /healthz                +      +       +       +      +      .       +    +      +             .
      /health-sync            +      +       +       +      +      .       +    +      +             .
      /sync                   .      .       .       .      .      .       +    .      .             .
      /synchronous            .      .       .       .      .      .       +    .      .             .
      /sync/                  .      .       .       .      .      .       .    .      .             .
      /quorum                 .      .       .       .      .      .       .    +      .             .
      /async                  .      .       +       +      .      .       .    .      .             .
      /asynchronous           .      .       +       +      .      .       .    .      .             .
      /read-only-quorum       +      .       .       .      .      .       .    +      .             .
      /read-only-sync         +      .       .       .      .      .       +    .      .             .
      /read-only-synchronous  +      .       .       .      .      .       +    .      .             .
      /read-only-sync/        .      .       .       .      .      .       .    .      .             .
      /patroni                .      .       .       .      .      .       .    .      .             .
      /liveness               .      .       .       .      .      .       .    .      .             .
      /readiness              .      .       .       .      .      .       .    .      .             .
      /metrics                .      .       .       .      .      .       .    .      .             .
      /Primary                .      .       .       .      .      .       .    .      .             .
      /unknown                .      .       .       .      .      .       .    .      .             .
      """;

  @TestFactory
  List<DynamicTest> everyPathAnswersAsTheTableSays() {
    var situations = situations();
    var lines = TABLE.strip().lines().map(line -> line.split(" +")).toList();
    var names = lines.getFirst();
    assertThat(situations.keySet())
        .containsExactly(List.of(names).subList(1, names.length).toArray(String[]::new));
    var tests = new ArrayList<DynamicTest>();
    for (var line : lines.subList(1, lines.size())) {
      for (var column = 1; column < names.length; column++) {
        var path = line[0];
        var expected = line[column].equals("+");
        var picture = situations.getOrDefault(names[column], Optional.empty());
        tests.add(
            DynamicTest.dynamicTest(
                "%s on %s is %s".formatted(path, names[column], expected),
                () ->
                    assertThat(HealthTable.isHealthy(path, NO_QUERY, picture))
                        .isEqualTo(expected)));
      }
    }
    return tests;
  }

  private static Map<String, Optional<Picture>> situations() {
    var all = new LinkedHashMap<String, Optional<Picture>>();
    all.put("leader", Views.leader().picture());
    all.put("expired", Views.leader().pictureAt(Views.LEASE_END));
    all.put("replica", Views.replica().picture());
    all.put("silent", Views.replica().leaderless().replicationState("").picture());
    all.put("noload", Views.replica().tags(Map.of("noloadbalance", true)).picture());
    all.put("stopped", Views.replica().state(PgState.STOPPED).picture());
    all.put("sync", Views.replica().sync(true).picture());
    all.put("quorum", Views.replica().sync("quorum").picture());
    all.put(
        "pausedPrimary",
        Views.leader().holdsLease(false).leaderless().withoutRecord().pause().picture());
    all.put("none", Optional.empty());
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "true, /sync",
    "on, /sync",
    "1, /sync",
    "yes, /sync",
    "quorum, /quorum",
    "QUORUM, /quorum",
    "' Quorum', /quorum"
  })
  void theModeSaysWhatAMemberOfTheSetIs(String mode, String path) {
    var picture = Views.replica().sync(mode).picture();
    for (var other : List.of("/sync", "/quorum", "/async")) {
      assertThat(HealthTable.isHealthy(other, NO_QUERY, picture))
          .as(other)
          .isEqualTo(other.equals(path));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "quorum"})
  void aReplicaThatNobodyWaitsForIsAsynchronous(String mode) {
    for (var views :
        List.of(
            Views.replica().sync(mode).incarnation(3),
            Views.replica().sync(mode).incarnation(-2),
            Views.replica().alone(mode))) {
      var picture = views.picture();
      assertThat(HealthTable.isHealthy("/async", NO_QUERY, picture)).isTrue();
      for (var path : List.of("/sync", "/quorum", "/read-only-sync", "/read-only-quorum")) {
        assertThat(HealthTable.isHealthy(path, NO_QUERY, picture)).as(path).isFalse();
      }
    }
  }

  @Test
  void aSynchronousReplicaIsAReplica() {
    var query = Query.parse("lag=327");
    var lagging = Views.replica().sync("on").replayed("0/5000000");
    assertThat(HealthTable.isHealthy("/sync", query, lagging.picture())).isFalse();
    assertThat(HealthTable.isHealthy("/sync", NO_QUERY, lagging.picture())).isTrue();
    for (var path : List.of("/sync", "/read-only-sync")) {
      var unloaded = Views.replica().sync("on").tags(Map.of("noloadbalance", true));
      assertThat(HealthTable.isHealthy(path, NO_QUERY, unloaded.picture())).isFalse();
      assertThat(HealthTable.isHealthy(path, NO_QUERY, lagging.withoutRecord().picture()))
          .isFalse();
    }
  }

  @Test
  void aLeaseThatWasNeverHeldIsNoneHoweverLateItsEnd() {
    var replica = Views.replica().role(PgRole.PRIMARY).picture();
    assertThat(HealthTable.isHealthy("/primary", NO_QUERY, replica)).isFalse();
  }

  @Test
  void theLeaseHoldsUntilJustBeforeItsEnd() {
    var before = Views.leader().pictureAt(Views.LEASE_END.minusNanos(1));
    assertThat(HealthTable.isHealthy("/primary", NO_QUERY, before)).isTrue();
  }

  @Test
  void pauseAloneMakesNoLeader() {
    var paused = Views.leader().holdsLease(false).leaderless().pause().picture();
    assertThat(HealthTable.isHealthy("/primary", NO_QUERY, paused)).isFalse();
  }

  @Test
  void withoutARecordNoAsynchronousReplicaIsKnown() {
    var picture = Views.replica().withoutRecord().picture();
    assertThat(HealthTable.isHealthy("/async", NO_QUERY, picture)).isFalse();
    assertThat(HealthTable.isHealthy("/replica", NO_QUERY, picture)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    // The leader is at 0/5000148, the replica has replayed 0/5000000: 328 bytes behind.
    "lag=328, true",
    "lag=327, false",
    "lag=0, false",
    "lag=1kB, true",
    "lag=0.1kB, false",
    "lag=1+MB, true",
    "lag=1%20MB, true",
    "lag=nonsense, true",
    "lag=10KB, true",
    "lag=, true",
    "lag=99999999999999999999TB, true",
    "lag=-1, false",
    "lag=327&lag=328, false",
    "lag=%zz, true",
    "x=1, true"
  })
  void aReplicaMayLagByTheBytesGiven(String query, boolean expected) {
    var picture = Views.replica().replayed("0/5000000").picture();
    assertThat(HealthTable.isHealthy("/replica", Query.parse(query), picture)).isEqualTo(expected);
  }

  @Test
  void theReceiversWordCountsWhenItIsNewerThanTheLeaders() {
    var picture = Views.replica().told("0/6000000").picture();
    assertThat(HealthTable.isHealthy("/replica", Query.parse("lag=1MB"), picture)).isFalse();
    assertThat(HealthTable.isHealthy("/replica", Query.parse("lag=16MB"), picture)).isTrue();
  }

  @Test
  void aReplicaWithoutAKnownSourceDoesNotLag() {
    var picture = Views.replica().replayed("0/1").leaderless().picture();
    assertThat(HealthTable.isHealthy("/replica", Query.parse("lag=0"), picture)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "replication_state=streaming, streaming, true",
    "replication_state=streaming, in archive recovery, false",
    "replication_state=in%20archive%20recovery, in archive recovery, true",
    "replication_state=streaming, '', false",
  })
  void aReplicaCanBeAskedForItsReplicationState(String query, String state, boolean expected) {
    var picture = Views.replica().replicationState(state).picture();
    assertThat(HealthTable.isHealthy("/replica", Query.parse(query), picture)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "tag_zone=a, true",
    "tag_zone=A, false",
    "tag_zone=b, false",
    "tag_zone=a&tag_zone=b, false",
    "tag_fast=true, true",
    "tag_fast=True, false",
    "tag_weight=10, true",
    "tag_weight=1, false",
    "tag_missing=1, false",
    "tag_zone=a&tag_fast=true, true",
    "tag_zone=a&tag_fast=false, false",
    "tag_zone=, true",
    "zone=b, true"
  })
  void tagsFilterReplicas(String query, boolean expected) {
    var tags = Map.<String, Object>of("zone", "a", "fast", true, "weight", 10);
    for (var path : List.of("/replica", "/read-only", "/health", "/async")) {
      assertThat(
              HealthTable.isHealthy(path, Query.parse(query), Views.replica().tags(tags).picture()))
          .as(path)
          .isEqualTo(expected);
    }
  }

  @Test
  void tagsDoNotFilterTheLeaderExceptWhereReplicasAreAskedToo() {
    var picture = Views.leader().picture();
    var query = Query.parse("tag_zone=b");
    assertThat(HealthTable.isHealthy("/primary", query, picture)).isTrue();
    assertThat(HealthTable.isHealthy("/leader", query, picture)).isTrue();
    assertThat(HealthTable.isHealthy("/read-only", query, picture)).isFalse();
    assertThat(HealthTable.isHealthy("/read-only-sync", query, picture)).isFalse();
    assertThat(HealthTable.isHealthy("/health", query, picture)).isFalse();
  }

  @Test
  void livenessGivesAReplicaTwoLeasesAndAPrimaryOne() {
    // The next decision is due at 101 s; the lease is 5 s.
    assertThat(live(Views.replica(), 111)).isFalse();
    assertThat(live(Views.replica(), 110)).isTrue();
    assertThat(live(Views.leader(), 106)).isFalse();
    assertThat(live(Views.leader(), 105)).isTrue();
    assertThat(live(Views.leader().state(PgState.CRASHED), 106)).isTrue();
    assertThat(live(Views.leader().pause(), 1000)).isTrue();
  }

  private static boolean live(Views views, long atSeconds) {
    var now = Duration.ofSeconds(atSeconds);
    return HealthTable.isLive(views.pictureAt(now), Duration.ZERO, now, Views.DYNAMIC.ttl());
  }

  @Test
  void livenessWaitsForTheFirstPictureFromTheStartOn() {
    var started = Duration.ofSeconds(50);
    var ttl = Duration.ofSeconds(5);
    assertThat(HealthTable.isLive(Optional.empty(), started, Duration.ofSeconds(59), ttl)).isTrue();
    assertThat(HealthTable.isLive(Optional.empty(), started, Duration.ofSeconds(60), ttl))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    // Replayed is 328 bytes behind, received 72.
    "'', 328, true",
    "'', 327, false",
    "lag=328, 0, true",
    "lag=327, 9999, false",
    "mode=write, 72, true",
    "mode=write, 71, false",
    "mode=apply, 327, false",
    "mode=write&lag=72, 0, true",
    "lag=nonsense, 327, false"
  })
  void readinessMeasuresTheLag(String query, long lagMaxBytes, boolean expected) {
    var picture = Views.replica().received("0/5000100").replayed("0/5000000").picture();
    assertThat(HealthTable.isReady(Query.parse(query), picture, lagMaxBytes)).isEqualTo(expected);
  }

  @Test
  void onlyTheLeaderAndStreamingReplicasWithAKnownSourceAreReady() {
    assertThat(ready(Views.leader().picture())).isTrue();
    assertThat(ready(Views.leader().pictureAt(Views.LEASE_END))).isFalse();
    assertThat(ready(Views.replica().replicationState("").picture())).isFalse();
    assertThat(ready(Views.replica().replicationState("in archive recovery").picture())).isFalse();
    assertThat(ready(Views.replica().state(PgState.STARTING).picture())).isFalse();
    assertThat(ready(Views.replica().leaderless().picture())).isFalse();
    assertThat(ready(Views.replica().leaderless().told("0/5000148").picture())).isTrue();
    assertThat(ready(Optional.empty())).isFalse();
  }

  private static boolean ready(Optional<Picture> picture) {
    return HealthTable.isReady(NO_QUERY, picture, 1_048_576);
  }
}
