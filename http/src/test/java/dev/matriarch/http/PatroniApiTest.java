package dev.matriarch.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.matriarch.protocol.election.Course;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.FailoverLog;
import dev.matriarch.protocol.status.InstanceDetail;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatroniApiTest {
  private static final InstanceDetail PRIMARY_DETAIL =
      new InstanceDetail(
          Optional.of("2026-03-01 10:11:12.131415+00:00"),
          Optional.of(1_772_359_872.131415),
          Optional.empty(),
          Optional.empty(),
          false,
          Optional.empty(),
          List.of(Views.sender(Views.DB2), Views.sender(Views.DB3)));

  private static final InstanceDetail REPLICA_DETAIL =
      new InstanceDetail(
          Optional.of("2026-03-01 10:11:12.131415+00:00"),
          Optional.of(1_772_359_872.131415),
          Optional.of("2026-03-01 10:20:00.000001+00:00"),
          Optional.of(1_772_360_400.000001),
          false,
          Optional.of(Views.LEADER_LSN),
          List.of());

  @Test
  void thePrimaryTellsItsPositionAndItsSenders() throws IOException {
    Golden.assertMatches(
        "patroni-primary.json",
        body("/patroni", Views.leader().detail(PRIMARY_DETAIL).tags(Map.of("zone", "a"))));
  }

  @Test
  void aReplicaTellsWhatItReceivedAndReplayed() throws IOException {
    var tags = Map.<String, Object>of("zone", "a", "clonefrom", true, "priority", 2);
    Golden.assertMatches(
        "patroni-replica.json",
        body(
            "/patroni",
            Views.replica().detail(REPLICA_DETAIL).tags(tags).sync("on").pendingRestart()));
  }

  @Test
  void aReplicaThatReplayedNoCommitTellsNull() throws IOException {
    Golden.assertMatches(
        "patroni-replica-new.json",
        body("/patroni", Views.replica().sync("quorum").replicationState("").pause()));
  }

  @Test
  void aStoppedNodeTellsOnlyWhatIsStillTrue() throws IOException {
    var stopped =
        Views.replica()
            .detail(REPLICA_DETAIL)
            .state(PgState.STOPPED)
            .role(PgRole.DEMOTED)
            .leaderless();
    Golden.assertMatches("patroni-stopped.json", body("/patroni", stopped));
  }

  @Test
  void anAgentWithoutAPictureTellsWhoItIs() throws IOException {
    Golden.assertMatches("patroni-unknown.json", text(answer("GET", "/patroni", Optional.empty())));
  }

  @Test
  void theClusterListsEachMemberWithItsLag() throws IOException {
    var views = Views.replica().replayed("0/5000000").received("0/5000100").pendingRestart();
    Golden.assertMatches("cluster.json", body("/cluster", views));
  }

  @Test
  void theClusterWithoutALeaderKnowsNoLag() throws IOException {
    Golden.assertMatches("cluster-leaderless.json", body("/cluster", Views.replica().leaderless()));
  }

  @Test
  void aLeaseThatRanOutMakesNoLeader() {
    var late = new Picture(Views.leader().view(), Views.LEASE_END);
    assertThat(Json.write(ClusterJson.cluster(late))).doesNotContain("\"leader\"");
    assertThat(StatusJson.of(Views.IDENTITY, Optional.of(late)))
        .containsEntry("cluster_unlocked", true);
  }

  @Test
  void synchronousStandbysAreNamedSo() throws IOException {
    Golden.assertMatches("cluster-sync.json", body("/cluster", Views.replica().sync("on").pause()));
    assertThat(body("/cluster", Views.replica().sync("quorum")))
        .contains("\"role\": \"quorum_standby\"");
  }

  @Test
  void aLeaderThatHasLostTheLeaseIsNoStandby() {
    var late = new Picture(Views.leader().sync("quorum").view(), Views.LEASE_END);
    assertThat(Json.write(ClusterJson.cluster(late)))
        .contains("\"name\": \"db1\", \"role\": \"replica\"");
  }

  @Test
  void aMemberWhoseDataWereMadeAnewIsNoPartOfTheSetThatItsNameIsIn() {
    assertThat(body("/cluster", Views.replica().sync("on").incarnation(7)))
        .doesNotContain("standby");
    assertThat(body("/patroni", Views.replica().sync("on").incarnation(7)))
        .doesNotContain("standby");
  }

  @Test
  void onlyAReplicaThatRunsSaysThatItIsSynchronous() {
    assertThat(body("/patroni", Views.replica().sync("quorum")))
        .contains("\"quorum_standby\": true")
        .doesNotContain("sync_standby");
    for (var other :
        List.of(
            Views.replica().sync("quorum").state(PgState.STARTING),
            Views.replica().sync("quorum").role(PgRole.PRIMARY),
            Views.leader().sync("quorum"))) {
      assertThat(body("/patroni", other)).doesNotContain("standby");
    }
  }

  @Test
  void theHistoryHasARowForEachTimelineThatEnded() throws IOException {
    var first = entry(1, 1, "0/0", "db1", "cluster made");
    var second = entry(4, 2, "0/3000060", "db2", "db1 fell silent");
    var third = entry(7, 5, "0/5000000", "db1", "switchover");
    Golden.assertMatches(
        "history.json", body("/history", Views.replica().history(List.of(first, second, third))));
  }

  @Test
  void aHistoryWhoseBeginningIsGoneStartsWithTheParent() {
    var row = entry(4, 3, "0/3000060", "db2", "db1 fell silent");
    assertThat(body("/history", Views.replica().history(List.of(row))))
        .startsWith("[[2, 50331744, \"db1 fell silent\", ");
  }

  @Test
  void aHistoryEntryWithoutATimeMakesAShortRow() {
    var row = new HistoryEntry(2, 2, new Lsn(7), Views.DB2, Optional.empty(), "why");
    assertThat(body("/history", Views.replica().history(List.of(row))))
        .isEqualTo("[[1, 7, \"why\"]]");
  }

  @Test
  void thereIsNoHistoryWithoutARecord() {
    assertThat(body("/history", Views.replica().withoutRecord())).isEqualTo("[]");
    assertThat(body("/history", Views.replica())).isEqualTo("[]");
  }

  @Test
  void failoversHaveTheirPhases() throws IOException {
    var first = entry(1, 1, "0/0", "db1", "a new cluster");
    var second = entry(4, 2, "0/3000060", "db2", "the leader is lost");
    var third = entry(7, 3, "0/5000000", "db1", "the leader handed over");
    var views = Views.leader().history(List.of(first, second, third));
    Golden.assertMatches(
        "failovers.json", body("/failovers", views.failovers(Views.log(Views.won(7)))));
    assertThat(body("/failovers", views.failovers(FailoverLog.EMPTY)))
        .as("the record does not tell them yet, and another node has won")
        .contains("\"cause\": \"the leader handed over\"")
        .doesNotContain("phases_ms");
    var measured = Views.won(7).course();
    var stored =
        new Course(
            measured.released(),
            measured.ballots(),
            measured.state(),
            new TreeMap<>(measured.phasesMs()));
    var told = third.withCourse(Optional.of(stored));
    Golden.assertMatches(
        "failovers.json", body("/failovers", views.history(List.of(first, second, told))));
    assertThat(body("/failovers", Views.replica())).isEqualTo("[]");
    assertThat(answer("GET", "/failovers", Optional.empty()).status()).isEqualTo(503);
  }

  @Test
  void everyMemberIsExplained() throws IOException {
    Golden.assertMatches("explain.json", body("/explain", Views.replica().sync("quorum")));
    var sources = LiveServer.sources(() -> Optional.of(Views.leader().view()));
    var answer = new PatroniApi(sources).answer("GET", "/explain", "format=text");
    assertThat(answer.content().orElseThrow().form()).isEqualTo(Answer.Form.PLAIN);
    Golden.assertMatches("explain.txt", text(answer).strip());
    assertThat(answer("GET", "/explain", Optional.empty()).status()).isEqualTo(503);
  }

  @Test
  void theConfigurationIsTheRecords() throws IOException {
    var config =
        Map.<String, Object>of(
            "ttl",
            5,
            "synchronous_mode",
            false,
            "maximum_lag_on_failover",
            1_048_576L,
            "postgresql",
            Map.of("parameters", Map.of("max_connections", "100")),
            "note",
            "\u00fcber");
    Golden.assertMatches("config.json", body("/config", Views.replica().config(config)));
  }

  @Test
  void withoutARecordThereIsNoConfiguration() {
    assertThat(get("/config", Views.replica().withoutRecord()).status()).isEqualTo(502);
    assertThat(answer("GET", "/config", Optional.empty()).status()).isEqualTo(502);
  }

  @Test
  void withoutAPictureNothingIsSaidOfTheCluster() {
    assertThat(answer("GET", "/cluster", Optional.empty()).status()).isEqualTo(503);
    assertThat(answer("GET", "/history", Optional.empty()).status()).isEqualTo(503);
    assertThat(answer("GET", "/metrics", Optional.empty()).status()).isEqualTo(200);
  }

  @Test
  void anUnknownPathIsAHealthCheckThatFails() {
    var answer = get("/nonsense", Views.leader());
    assertThat(answer.status()).isEqualTo(503);
    assertThat(text(answer)).isEqualTo(body("/patroni", Views.leader()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/patroni/", "/patroni/any/thing", "//patroni"})
  void theFirstSegmentChoosesTheHandler(String path) {
    assertThat(get(path, Views.leader()).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/patronix", "/x/patroni", "/PATRONI", "/livenessx", ""})
  void otherFirstSegmentsAreHealthChecks(String path) {
    assertThat(get(path, Views.leader()).status()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"})
  void callsThatAreNotKnownAreNotImplemented(String method) {
    for (var path : List.of("/restart", "/config", "/primary", "/nonsense")) {
      assertThat(answer(method, path, Optional.of(Views.leader().view())).status()).isEqualTo(501);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD", "OPTIONS"})
  void probesGetAStatusLineByTheHealthTableWhateverThePath(String method) {
    var view = Optional.of(Views.leader().view());
    assertThat(answer(method, "/primary", view)).isEqualTo(Answer.statusOnly(true));
    for (var path : List.of("/patroni", "/metrics", "/liveness", "/readiness", "/cluster")) {
      assertThat(answer(method, path, view)).as(path).isEqualTo(Answer.statusOnly(false));
    }
  }

  @Test
  void livenessAndReadinessAreStatusLinesToo() {
    assertThat(get("/liveness", Views.leader())).isEqualTo(Answer.statusOnly(true));
    assertThat(get("/readiness", Views.leader())).isEqualTo(Answer.statusOnly(true));
    assertThat(get("/readiness", Views.replica().leaderless())).isEqualTo(Answer.statusOnly(false));
  }

  @Test
  void failsafeModeIsNotEnabled() {
    assertThat(get("/failsafe", Views.leader()).status()).isEqualTo(502);
  }

  @Test
  void everyJsonBodyCanBeReadBack() throws IOException {
    for (var path : List.of("/patroni", "/cluster", "/history", "/config", "/")) {
      assertThat(new ObjectMapper().readTree(body(path, Views.leader())).isMissingNode()).isFalse();
    }
  }

  private static HistoryEntry entry(
      long term, int timeline, String fork, String leader, String reason) {
    return new HistoryEntry(
        term,
        timeline,
        Lsn.parse(fork),
        new NodeId(leader),
        Optional.of("2026-03-01T10:1%d:00.5+00:00".formatted(timeline)),
        reason);
  }

  private static String body(String path, Views views) {
    return text(get(path, views));
  }

  private static String text(Answer answer) {
    return answer.content().orElseThrow().text();
  }

  private static Answer get(String path, Views views) {
    return answer("GET", path, Optional.of(views.view()));
  }

  private static Answer answer(String method, String path, Optional<NodeView> view) {
    var sources = LiveServer.sources(() -> view);
    return new PatroniApi(sources).answer(method, path, "");
  }
}
