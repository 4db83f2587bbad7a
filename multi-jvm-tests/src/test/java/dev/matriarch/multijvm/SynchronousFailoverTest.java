package dev.matriarch.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Members of a synchronous cluster are lost while clients write. The lease is so long that nobody
 * who waits for its end is within any bound here.
 */
@ParameterizedClass
@EnumSource(SynchronousFailoverTest.Mode.class)
class SynchronousFailoverTest {
  private static final Duration LEASE = Duration.ofSeconds(20);

  /** From the fault to a row on another node; a machine with nothing else to do needs one. */
  private static final Duration FAIL_OVER_MAX = Duration.ofSeconds(5);

  /** The guardian has two seconds; the rest is for stopping, on a loaded machine. */
  private static final Duration CUT_OFF_MAX = Duration.ofSeconds(4);

  /** Before a standby that is silent leaves the set. */
  private static final Duration SENDERS_FROZEN_MAX = Duration.ofMillis(900);

  /** How clients that stay would be seen to be served for good. */
  private static final Duration STAY = CUT_OFF_MAX.multipliedBy(2);

  private static final String WAITING_COMMITS =
      "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

  private static Optional<TestCluster> made = Optional.empty();

  /** The {@code synchronous_mode}. */
  enum Mode {
    QUORUM("quorum", "quorum_standby", "/quorum", 2, Duration.ofSeconds(2)),
    ON("on", "sync_standby", "/sync", 1, Duration.ofSeconds(5));

    private final String yaml;
    private final String role;
    private final String check;
    private final int standbys;
    private final Duration stallMax;

    /**
     * A mode.
     *
     * @param check the health check of a standby that commits wait for
     * @param standbys how many of two these are
     * @param stallMax for how long the loss of one may hold up commits
     */
    Mode(String yaml, String role, String check, int standbys, Duration stallMax) {
      this.yaml = yaml;
      this.role = role;
      this.check = check;
      this.standbys = standbys;
      this.stallMax = stallMax;
    }
  }

  private final Mode mode;

  SynchronousFailoverTest(Mode mode) {
    this.mode = mode;
  }

  @BeforeParameterizedClassInvocation
  static void begin(Mode mode) {
    var settings = ClusterSettings.small(LEASE).with("synchronous_mode", mode.yaml);
    made = Optional.of(TestCluster.onLoopback("synchronous-failover-" + mode.yaml, 3, settings));
  }

  @AfterParameterizedClassInvocation
  static void end() {
    made.ifPresent(TestCluster::close);
    made = Optional.empty();
  }

  @BeforeEach
  void startWhatIsDown() {
    cluster().startAll();
    awaitFullSet(cluster().awaitWhole());
  }

  private static TestCluster cluster() {
    return made.orElseThrow();
  }

  @Test
  void aLostStandbyHoldsUpCommitsForMomentsAndTheOtherOneTakesItsPlace() {
    try (var trial = Trial.on(cluster())) {
      var leader = cluster().leader();
      var timeline = cluster().timeline();
      var set = set(leader);
      assertThat(set).as("members that commits wait for").hasSize(mode.standbys);
      var lost = set.getFirst();
      var left =
          cluster().others(leader).stream()
              .filter(it -> !it.equals(lost))
              .findFirst()
              .orElseThrow();
      var fault = System.nanoTime();
      lost.crash();
      var dead = System.nanoTime();
      awaitRow(trial, fault, List.of(leader), dead);
      await(
          trial,
          fault,
          left + " alone as " + mode.role,
          () -> set(leader).equals(List.of(left)) && left.rest().get(mode.check).ok());
      awaitRow(trial, fault, List.of(leader), System.nanoTime());
      var stall = trial.writes().longestGapSince(fault);
      report("a standby lost: longest time without an acknowledgement", stall);
      assertThat(stall).as(seen(trial, fault)).isLessThan(mode.stallMax);
      lost.start();
      trial.judge();
      assertThat(cluster().leader()).isEqualTo(leader);
      assertThat(cluster().timeline()).isEqualTo(timeline);
      awaitFullSet(leader);
    }
  }

  @Test
  void aLeaderWithoutItsAgentIsReplacedBeforeItsLeaseEndsAndItsClientsAreCutOff() throws Exception {
    try (var trial = Trial.on(cluster());
        var client = cluster().leader().connect()) {
      var old = cluster().leader();
      var timeline = cluster().timeline();
      var fault = System.nanoTime();
      var staying = CompletableFuture.supplyAsync(() -> lastAnswer(client));
      old.killAgent();
      var dead = System.nanoTime();
      var first = awaitRow(trial, fault, cluster().others(old), fault);
      var lastAnswer = staying.get(30, TimeUnit.SECONDS);
      await(trial, fault, "the end of PostgreSQL on " + old, () -> !old.isPostgresRunning());
      var lastRow = trial.writes().lastOf(old).orElseThrow().acknowledged();
      var took = Duration.ofNanos(first.acknowledged() - fault);
      report("the leader's agent lost: another node's first row", took);
      report("  the old primary's last row", Duration.ofNanos(lastRow - fault));
      report("  the old primary's last answer", Duration.ofNanos(lastAnswer - fault));
      var seen = seen(trial, fault);
      assertThat(took).as(seen).isLessThan(FAIL_OVER_MAX);
      assertThat(lastRow).as("PostgreSQL went on. " + seen).isGreaterThan(dead);
      assertThat(lastRow - fault).as(seen).isLessThan(CUT_OFF_MAX.toNanos());
      assertThat(lastAnswer - fault)
          .as("to a client that reads and stays, ns after the fault; writers: " + seen)
          .isLessThan(CUT_OFF_MAX.toNanos());
      old.start();
      trial.judge();
      assertThat(cluster().timeline()).isEqualTo(timeline + 1);
      awaitFullSet(cluster().leader());
    }
  }

  /** At its end it has a commit that nobody else has: no client may have been told of it. */
  @Test
  void aLeaderThatIsLostTakesNothingAlongThatWasAcknowledged() {
    try (var trial = Trial.on(cluster())) {
      var old = cluster().leader();
      var timeline = cluster().timeline();
      var frozen = freezeSenders(old);
      Await.until(
          "a commit that waits for a standby",
          SENDERS_FROZEN_MAX,
          () -> !old.query(WAITING_COMMITS).isEmpty(),
          () -> "no standby gets anything. " + seen(trial, frozen));
      var fault = System.nanoTime();
      old.crash();
      var first = awaitRow(trial, fault, cluster().others(old), fault);
      var took = Duration.ofNanos(first.acknowledged() - fault);
      report("the leader lost: another node's first row", took);
      assertThat(trial.writes().firstSince(List.of(old), frozen))
          .as("acknowledged while no standby got anything. " + seen(trial, frozen))
          .isEmpty();
      assertThat(took).as(seen(trial, fault)).isLessThan(FAIL_OVER_MAX);
      old.start();
      trial.judge();
      var next = cluster().leader();
      assertThat(next.name()).isEqualTo(first.node());
      assertThat(cluster().timeline()).isEqualTo(timeline + 1);
      awaitFullSet(next);
      assertTold(next, old, trial, fault);
    }
  }

  // --- who is synchronous -----------------------------------------------------------------------

  /** Waits until the leader names as many as the mode asks for, and these say so themselves. */
  private void awaitFullSet(JvmNode leader) {
    cluster()
        .await(
            "%d of the others as %s".formatted(mode.standbys, mode.role),
            TestCluster.PATIENCE,
            () -> {
              var set = set(leader);
              return set.size() == mode.standbys
                  && set.equals(
                      cluster().others(leader).stream()
                          .filter(it -> it.rest().get(mode.check).ok())
                          .toList());
            });
  }

  /** For whom commits wait, as the leader says. */
  private List<JvmNode> set(JvmNode leader) {
    return cluster().withRole(leader, mode.role);
  }

  // --- the fail-over, as it is told -------------------------------------------------------------

  private static void assertTold(JvmNode next, JvmNode old, Trial trial, long fault) {
    var seen = seen(trial, fault);
    await(
        trial,
        fault,
        "a complete fail-over",
        () -> lastFailover(next).path("state").asText().equals("complete"));
    var told = lastFailover(next);
    assertThat(told.path("kind").asText()).as(seen).isEqualTo("fail-over");
    assertThat(told.path("from").asText()).as(seen).isEqualTo(old.name());
    assertThat(told.path("to").asText()).as(seen).isEqualTo(next.name());
    assertThat(told.path("timeline").asInt()).as(seen).isEqualTo(cluster().timeline());
    assertThat(told.path("cause").asText()).as(seen).startsWith("the leader is lost");
    // Whoever was asked to stand by another candidate has no canvass of its own.
    assertThat(told.path("phases_ms").properties())
        .extracting(it -> it.getKey())
        .as(told + ". " + seen)
        .contains("suspected", "fenced", "chosen", "promoted", "attached")
        .isSubsetOf("suspected", "canvassed", "waited", "fenced", "chosen", "promoted", "attached");
    assertThat(Duration.ofMillis(told.path("until_writable_ms").asLong()))
        .as(told + ". " + seen)
        .isPositive()
        .isLessThan(FAIL_OVER_MAX);
  }

  private static JsonNode lastFailover(JvmNode node) {
    var all = node.rest().json("/failovers").orElseThrow();
    return all.path(all.size() - 1);
  }

  // --- faults and clients -----------------------------------------------------------------------

  /** Standbys get nothing any more from this primary; returns when that was certainly so. */
  private static long freezeSenders(JvmNode primary) {
    var senders =
        LongStream.of(OsProcess.of(primary.dataDir()))
            .filter(pid -> OsProcess.title(pid).contains("walsender"))
            .toArray();
    assertThat(senders).hasSize(2);
    OsProcess.signal("STOP", senders);
    return System.nanoTime();
  }

  /** When a client that stays where it is, as long as it may, got its last answer. */
  private static long lastAnswer(Connection client) {
    var begin = System.nanoTime();
    var last = begin;
    try (var statement = client.createStatement()) {
      while (last - begin < STAY.toNanos()) {
        statement.execute("SELECT 1");
        last = System.nanoTime();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    } catch (SQLException cutOff) {
      // The last answer was before.
    }
    return last;
  }

  private static AcknowledgedRow awaitRow(
      Trial trial, long fault, List<JvmNode> nodes, long since) {
    await(
        trial,
        fault,
        "a row that one of %s acknowledges".formatted(nodes),
        () -> trial.writes().firstSince(nodes, since).isPresent());
    return trial.writes().firstSince(nodes, since).orElseThrow();
  }

  private static void await(Trial trial, long fault, String what, BooleanSupplier condition) {
    Await.until(
        what,
        LEASE.multipliedBy(2),
        condition,
        () -> seen(trial, fault) + System.lineSeparator() + cluster().state());
  }

  /** What the clients saw, for the message of a failure. */
  private static String seen(Trial trial, long fault) {
    var rows = trial.writes().rows();
    return cluster().nodes().stream()
        .map(node -> {
          var own = rows.stream().filter(it -> it.node().equals(node.name())).toList();
          return own.isEmpty()
              ? node + " acknowledged no row"
              : "%s acknowledged %d rows, the first %d ms and the last %d ms after the fault"
                  .formatted(
                      node,
                      own.size(),
                      millis(own.getFirst().acknowledged() - fault),
                      millis(own.getLast().acknowledged() - fault));
        })
        .collect(
            Collectors.joining(
                "; ",
                "",
                "; the longest time without an acknowledgement was %d ms"
                    .formatted(trial.writes().longestGapSince(fault).toMillis())));
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private void report(String what, Duration took) {
    System.out.printf("%s: %s: %d ms%n", mode.yaml, what, took.toMillis());
  }
}
