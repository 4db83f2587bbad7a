package dev.matriarch.actors;

import static dev.matriarch.actors.SyncScene.A;
import static dev.matriarch.actors.SyncScene.B;
import static dev.matriarch.actors.SyncScene.BOTH;
import static dev.matriarch.actors.SyncScene.FOR_B;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.sync.StandbyNames;
import dev.matriarch.protocol.sync.SyncSetting;
import dev.matriarch.protocol.sync.SyncView;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In which order PostgreSQL and the record are changed, and what has to be proven in between, on a
 * real primary and its standby.
 */
class SyncKeeperTest {
  private static final Map<String, Object> OFF = Map.of();
  private static final Map<String, Object> IN_ORDER = Map.of("synchronous_mode", true);

  /** Strict, so that nothing is asked for a leader alone while the host is slow. */
  private static final Map<String, Object> QUORUM =
      Map.of("synchronous_mode", "quorum", "synchronous_mode_strict", true);

  private static final String WAITS_FOR_B = "ANY 1 (\"Bob's \"\"other\"\", b_000000000000000b\")";
  private static final String HOLDS = "ANY 1 (\"matriarch holds commits\")";
  private static final SyncSetting MEMBERS = new SyncSetting.Members(BOTH, false);

  /** Longer than a standby is forgiven its silence, and than a failed step rests. */
  private static final Duration A_WHILE = Duration.ofMillis(1_200);

  private static ActorTestKit kit;
  private static SyncScene scene;

  @BeforeAll
  static void open() throws Exception {
    kit = TestSystem.create();
    scene = new SyncScene();
  }

  @AfterAll
  static void close() throws Exception {
    scene.thaw();
    kit.shutdownTestKit();
    scene.close();
  }

  @BeforeEach
  void settle() throws Exception {
    scene.settle();
  }

  // --- the order of things ----------------------------------------------------------------------

  @Test
  void theRecordIsAskedOnceCommitsWaitAndEarlierOnesAreThere() throws Exception {
    scene.write().get(10, TimeUnit.SECONDS);
    var written = Lsn.parse(scene.primary.query("SELECT pg_current_wal_flush_lsn()"));
    var keeper = leader(QUORUM);
    untilAsked(keeper);
    assertThat(scene.shown()).isEqualTo(WAITS_FOR_B).isEqualTo(FOR_B.format());
    assertThat(scene.confirmed()).isGreaterThanOrEqualTo(written);

    // Nobody knows yet what becomes of it: all stays as it is, also when the standby falls silent.
    scene.freezeReceiver();
    var commit = scene.write();
    scene.awaitHeld();
    keeper.during(
        A_WHILE, "one change at a time", () -> keeper.asked().size() == 1 && !keeper.isSettled());
    assertThat(scene.shown()).isEqualTo(WAITS_FOR_B);
    assertThat(commit).isNotDone();
    scene.thaw();
    commit.get(10, TimeUnit.SECONDS);

    keeper.chosen();
    keeper.until("all is as it should be", keeper::isSettled);
    assertThat(keeper.asked()).containsExactly(Optional.of(BOTH));
    assertThat(keeper.problems()).isEmpty();
  }

  /** PostgreSQL must not cease to wait while the record still counts on it. */
  @Test
  void switchedOffTheRecordGoesFirst() throws Exception {
    var keeper = settled();
    keeper.leads(1, OFF, Optional.of(BOTH));
    keeper.until("the record is asked again", () -> keeper.asked().size() == 2);
    keeper.during(A_WHILE, "commits wait", () -> scene.shown().equals(WAITS_FOR_B));
    assertThat(keeper.asked()).containsExactly(Optional.of(BOTH), Optional.empty());
    keeper.chosen();
    keeper.until("commits wait for nobody", () -> scene.shown().isEmpty() && keeper.isSettled());
  }

  @Test
  void whatTheStandbyLacksKeepsTheRecordAsItIs() throws Exception {
    scene.freezeReceiver();
    scene.write().get(10, TimeUnit.SECONDS);
    bring(FOR_B);
    var keeper = leader(QUORUM);
    keeper.during(A_WHILE, "nothing is asked", () -> keeper.asked().isEmpty());
    scene.thaw();
    untilAsked(keeper);
  }

  /** The next agent knows that all processes go by the value, and not who has what. */
  @Test
  void anAgentThatBeginsBetweenSettingAndRecordGoesOnFromThere() throws Exception {
    bring(FOR_B);
    var keeper = leader(QUORUM);
    untilAsked(keeper);
    assertThat(scene.shown()).isEqualTo(WAITS_FOR_B);
  }

  @Test
  void aRefusedChangeIsAskedForAgainAndNotAtOnce() throws Exception {
    var keeper = leader(QUORUM);
    untilAsked(keeper);
    var refused = System.nanoTime();
    keeper.decided(new Effect.Verdict.Refused("not now"));
    keeper.until("it is asked again", () -> keeper.asked().size() == 2);
    assertThat(Duration.ofNanos(System.nanoTime() - refused)).isGreaterThan(Duration.ofMillis(490));
    assertThat(keeper.asked()).containsOnly(Optional.of(BOTH));
  }

  @Test
  void aChangeWhoseOutcomeNobodyKnowsIsLeftAloneUntilTheNextElection() throws Exception {
    var keeper = leader(QUORUM);
    untilAsked(keeper);
    keeper.decided(new Effect.Verdict.Unknown("it stands again"));
    keeper.during(
        A_WHILE,
        "all is left alone",
        () -> keeper.asked().size() == 1 && scene.shown().equals(WAITS_FOR_B));
    keeper.leads(2, QUORUM, Optional.empty());
    keeper.until("it is asked again", () -> keeper.asked().size() == 2);
  }

  // --- what is not proven -----------------------------------------------------------------------

  @Test
  void aCheckpointerThatDoesNotReadTheSettingKeepsTheRecordAndIsNamed() throws Exception {
    scene.freezeCheckpointer();
    var keeper = leader(QUORUM);
    untilProblem(keeper);
    assertThat(keeper.problems())
        .containsExactly("commits do not wait yet: the checkpointer has not read the setting");
    assertThat(keeper.asked()).isEmpty();
    // Whoever asks is told that commits are held, and yet they are not.
    assertThat(scene.shown()).isEqualTo(HOLDS);
    scene.write().get(10, TimeUnit.SECONDS);
    keeper.during(A_WHILE, "nobody", () -> keeper.inUse().contains(new SyncSetting.Unset()));
    assertThat(keeper.asked()).isEmpty();
    scene.thaw();
    untilAsked(keeper);
  }

  @Test
  void aWalsenderThatDoesNotReadTheSettingKeepsTheRecordAndIsNamed() throws Exception {
    scene.freezeSender();
    var keeper = leader(QUORUM);
    untilProblem(keeper);
    assertThat(keeper.problems())
        .singleElement()
        .asString()
        .matches("walsender \\d+ \\(streaming\\) has not confirmed [0-9A-F]+/[0-9A-F]+");
    assertThat(scene.shown()).isEqualTo(WAITS_FOR_B);
    assertThat(keeper.asked()).isEmpty();
    scene.thaw();
    untilAsked(keeper);
  }

  // --- what others do ---------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"", "\"somebody else\""})
  void aValueSetByAlterSystemIsReportedAndSetRight(String value) throws Exception {
    setRightAfter(() -> {
      scene.primary.execute("ALTER SYSTEM SET synchronous_standby_names = '%s'".formatted(value));
      return true;
    });
  }

  @Test
  void aValueSetInTheFileIsReportedAndSetRight() throws Exception {
    setRightAfter(() -> {
      var file = scene.primary.dataDir().resolve("postgresql.conf");
      var text = Files.readString(file);
      var without = text.replaceAll("(?m)^synchronous_standby_names = .*\n", "");
      assertThat(without).isNotEqualTo(text);
      Files.writeString(file, without);
      return true;
    });
  }

  private void setRightAfter(Callable<Boolean> byHand) throws Exception {
    var keeper = settled();
    assertThat(keeper.inUse()).containsExactly(MEMBERS);
    assertThat(byHand.call()).isTrue();
    scene.primary.execute("SELECT pg_reload_conf()");
    keeper.until(
        "it is reported", () -> keeper.inUse().equals(Set.of(MEMBERS, new SyncSetting.Unset())));
    keeper.until(
        "it is set right", () -> keeper.inUse().equals(Set.of(MEMBERS)) && keeper.isSettled());
    scene.primary.execute("SELECT pg_reload_conf()");
    assertThat(scene.shown()).isEqualTo(WAITS_FOR_B);
    assertThat(keeper.asked()).as("the record was right").hasSize(1);
  }

  @Test
  void whereNobodyAskedForSynchronousModeTheSettingIsTheOperators() throws Exception {
    scene.forgetSetting();
    scene.primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
    scene.primary.execute("SELECT pg_reload_conf()");
    TestHost.eventually("it is in force", () -> scene.shown().equals("*"));
    var keeper = leader(OFF);
    keeper.during(A_WHILE, "the operator's", () -> scene.shown().equals("*"));
    assertThat(keeper.knowledge.waitsFor).as("nobody has looked").isEmpty();
    assertThat(keeper.looksEvery()).isEmpty();
    assertThat(keeper.asked()).isEmpty();
    assertThat(keeper.host.site().synchrony().isOurs()).isFalse();
  }

  // --- leaders that come and go -----------------------------------------------------------------

  @Test
  void aNewPrimaryHoldsCommitsUntilTheSetIsKnown() throws Exception {
    scene.stopStandby();
    var keeper = leader(QUORUM);
    scene.restartPrimary(keeper.host, PostgresHost.namesFor(keeper.knowledge));
    keeper.see();
    assertThat(scene.shown()).isEqualTo(HOLDS);
    var commit = scene.write();
    scene.awaitHeld();
    keeper.during(A_WHILE, "it is held", () -> scene.shown().equals(HOLDS) && !commit.isDone());
    assertThat(keeper.asked()).as("a set without anybody").isEmpty();
    scene.startStandby();
    untilAsked(keeper);
    assertThat(scene.shown()).isEqualTo(WAITS_FOR_B);
    commit.get(10, TimeUnit.SECONDS);
  }

  /** Its PostgreSQL may run on for a while, and what was begun there comes to its end. */
  @Test
  void aLeaderThatIsLostInTheMiddleAsksForNothingAndBeginsNothing() throws Exception {
    scene.freezeCheckpointer();
    var keeper = leader(QUORUM);
    keeper.until("it has begun", () -> scene.shown().equals(HOLDS));
    var pieces = keeper.pieces();
    keeper.follows(B.node(), QUORUM, Optional.empty());
    scene.thaw();
    keeper.until("the change has ended", () -> keeper.pieces() > pieces);
    assertThat(scene.shown()).isEqualTo(WAITS_FOR_B);
    bring(StandbyNames.HOLD);
    keeper.during(A_WHILE, "nothing is begun", () -> scene.shown().equals(HOLDS));
    assertThat(keeper.asked()).isEmpty();
    assertThat(keeper.inUse()).as("what nobody looks at is not told").isEmpty();
  }

  @Test
  void whatWasBegunEndsWithTheServer() throws Exception {
    scene.freezeCheckpointer();
    var keeper = leader(QUORUM);
    keeper.until("it has begun", () -> scene.shown().equals(HOLDS));
    keeper.follows(B.node(), QUORUM, Optional.empty());
    SyncScene.done(keeper.host.stop(true));
    scene.thaw();
    SyncScene.done(keeper.host.startStandby(scene.primary.dynamic(), Optional.empty(), _ -> {}));
    keeper.see();
    try {
      untilProblem(keeper);
      keeper.during(A_WHILE, "nothing more", () -> scene.shown().equals(HOLDS));
      assertThat(keeper.host.site().synchrony().forConfiguration()).contains(StandbyNames.HOLD);
      assertThat(keeper.asked()).isEmpty();
    } finally {
      scene.restartPrimary(keeper.host, StandbyNames.NONE);
    }
  }

  /** What was seen under one leadership says nothing under the next. */
  @Test
  void aChangeOfAnEarlierLeadershipHoldsNothingUp() throws Exception {
    var keeper = leader(QUORUM);
    untilAsked(keeper);
    keeper.follows(B.node(), QUORUM, Optional.empty());
    keeper.during(A_WHILE, "nothing is asked", () -> keeper.asked().size() == 1);
    assertThat(keeper.host.site().synchrony().standbys()).isEmpty();
    keeper.leads(3, QUORUM, Optional.empty());
    keeper.until("it is asked again", () -> keeper.asked().size() == 2);
  }

  @Test
  void whileAnOperationIsUnderWayTheSettingIsLeftAlone() throws Exception {
    var keeper = leader(QUORUM);
    keeper.knowledge.busy = Optional.of(Operation.STOP);
    keeper.during(A_WHILE, "left alone", () -> scene.shown().isEmpty());
    assertThat(keeper.asked()).isEmpty();
    keeper.knowledge.busy = Optional.empty();
    untilAsked(keeper);
  }

  @Test
  void aStandbyHasTheSettingWithWhichItWouldBePromoted() throws Exception {
    var keeper = new TurnedKeeper(kit, scene.standby, B);
    keeper.follows(A.node(), QUORUM, Optional.of(BOTH));
    keeper.until(
        "the quorum",
        () -> SyncScene.shown(scene.standby).equals("ANY 1 (\"a_0000000000000001\")"));
    keeper.follows(A.node(), IN_ORDER, Optional.of(BOTH));
    keeper.until(
        "in order",
        () -> SyncScene.shown(scene.standby).equals("FIRST 1 (\"a_0000000000000001\")"));
    keeper.during(A_WHILE, "it asks for nothing", () -> keeper.asked().isEmpty());
    assertThat(keeper.problems()).isEmpty();
    scene.awaitStreaming();
  }

  // --- the scene --------------------------------------------------------------------------------

  /** Leads from now on, and knows its standby; what PostgreSQL does it has to look at. */
  private static TurnedKeeper leader(Map<String, Object> dynamic) {
    var keeper = new TurnedKeeper(kit, scene.primary, A);
    keeper.hears(B, scene.standby);
    keeper.leads(1, dynamic, Optional.empty());
    return keeper;
  }

  private static void untilAsked(TurnedKeeper keeper) throws Exception {
    keeper.until("the record is asked for the set", () -> !keeper.asked().isEmpty());
    assertThat(keeper.asked()).containsExactly(Optional.of(BOTH));
  }

  private static void untilProblem(TurnedKeeper keeper) throws Exception {
    keeper.until("a reason is given", () -> !keeper.problems().isEmpty());
  }

  private static TurnedKeeper settled() throws Exception {
    var keeper = leader(QUORUM);
    untilAsked(keeper);
    keeper.chosen();
    keeper.until("all is as it should be", keeper::isSettled);
    assertThat(keeper.host.site().synchrony().standbys())
        .extracting(SyncView.Standby::incarnation)
        .containsExactly(B);
    return keeper;
  }

  /** As an agent does that ends right afterwards. */
  private static void bring(StandbyNames value) {
    assertThat(SyncScene.agent(scene.primary).site().synchrony().bring(value))
        .isInstanceOf(SyncInForce.Result.InForce.class);
  }
}
