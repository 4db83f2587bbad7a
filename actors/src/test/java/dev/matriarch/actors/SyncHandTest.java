package dev.matriarch.actors;

import static dev.matriarch.actors.SyncScene.A;
import static dev.matriarch.actors.SyncScene.B;
import static dev.matriarch.actors.SyncScene.BOTH;
import static dev.matriarch.actors.SyncScene.FOR_B;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.actors.postgres.SyncState;
import dev.matriarch.config.PostgresSettings;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.StandbyNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the one hand on PostgreSQL's synchronous setting says, also where it cannot do anything. */
class SyncHandTest {
  private static SyncScene scene;
  private SyncHand hand;

  @BeforeAll
  static void open() throws Exception {
    scene = new SyncScene();
  }

  @AfterAll
  static void close() throws Exception {
    scene.thaw();
    scene.close();
  }

  @BeforeEach
  void anew() throws Exception {
    scene.settle();
    hand = SyncScene.agent(scene.primary).site().synchrony();
  }

  @Test
  void whatWasNeverLookedAtIsNotKnown() throws Exception {
    assertThat(hand.state()).isEqualTo(SyncState.UNKNOWN);
    assertThat(hand.standbys()).isEmpty();
    look();
    assertThat(hand.state().seen()).isTrue();
    assertThat(hand.state().possible()).containsExactly(StandbyNames.NONE);
  }

  @Test
  void theSettingIsOursFromTheFirstChangeOn() throws Exception {
    scene.forgetSetting();
    assertThat(hand.isOurs()).isFalse();
    assertThat(hand.forConfiguration()).isEmpty();
    inForce(hand.bring(StandbyNames.NONE));
    assertThat(hand.isOurs()).isTrue();
    assertThat(hand.forConfiguration()).contains(StandbyNames.NONE);
  }

  @Test
  void whoHasWhatIsWatchedFromAChangeUntilItWasProven() throws Exception {
    look();
    assertThat(hand.isWatching()).as("nothing was brought by this hand").isFalse();
    scene.freezeReceiver();
    inForce(hand.bring(FOR_B));
    look();
    assertThat(hand.isWatching()).isTrue();
    assertThat(hand.state().proven()).as("the standby is silent").isEmpty();
    scene.thaw();
    untilProven();
    assertThat(hand.state().provenSet(A)).contains(BOTH);
  }

  /** It is kept open from one look to the next, and anybody may end it. */
  @Test
  void aConnectionThatWasCutIsReplacedAndProvesNothing() throws Exception {
    inForce(hand.bring(FOR_B));
    untilProven();
    scene.primary.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            + " WHERE application_name = 'Patroni'");
    look();
    assertThat(hand.state().proven()).as("nothing was seen").isEmpty();
    assertThat(hand.state().possible()).containsExactly(FOR_B);
    assertThat(hand.standbys()).as("as seen last").hasSize(1);
    assertThat(hand.isWatching()).isFalse();
    look();
    assertThat(hand.standbys()).hasSize(1);
    inForce(hand.bring(FOR_B));
    untilProven();
  }

  @Test
  void standbysAreForgottenWithTheirPast() throws Exception {
    look();
    assertThat(hand.standbys())
        .singleElement()
        .satisfies(it -> {
          assertThat(it.incarnation()).isEqualTo(B);
          assertThat(it.streaming()).isTrue();
        });
    scene.stopStandby();
    TestHost.eventually(
        "it is missed",
        () -> {
          look();
          return hand.standbys().getFirst().suspectedSince().isPresent();
        });
    hand.forget();
    assertThat(hand.standbys()).isEmpty();
    look();
    assertThat(hand.standbys()).as("by this leadership it was never seen").isEmpty();
    scene.startStandby();
  }

  @Test
  void whatIsPossibleIsToldWhileAChangeIsUnderWay() throws Exception {
    look();
    scene.freezeCheckpointer();
    var change = CompletableFuture.supplyAsync(() -> hand.bring(FOR_B), Thread::startVirtualThread);
    TestHost.eventually("it has begun", () -> hand.state().possible().size() > 1);
    assertThat(hand.state().possible()).containsExactly(StandbyNames.NONE, StandbyNames.HOLD);
    assertThat(hand.state().asked()).isEqualTo(FOR_B);
    assertThat(hand.forConfiguration()).contains(StandbyNames.HOLD);
    assertThat(change).as("nobody had to wait for it").isNotDone();
    scene.thaw();
    inForce(change.get(10, TimeUnit.SECONDS));
    assertThat(hand.state().possible()).containsExactly(FOR_B);
  }

  @Test
  void withoutProgramsNothingIsTouchedAndTheReasonIsTold(@TempDir Path empty) throws Exception {
    var settings = withPrograms(scene.primary.settings(), empty);
    var control = Files.createDirectory(empty.resolve("control"));
    var without = new SyncHand(settings, new ToolBox(settings), control);
    var reason = "PostgreSQL's programs are not found";
    assertThat(without.bring(FOR_B)).isEqualTo(new SyncInForce.Result.NotYet(reason));
    assertThat(without.prepareStandby(FOR_B)).isEqualTo(new SyncInForce.Result.NotYet(reason));
    assertThat(without.beforeStart(FOR_B)).isEqualTo(new Outcome.Failed(reason));
    assertThat(without.state()).isEqualTo(SyncState.UNKNOWN);
    assertThat(without.isOurs()).isFalse();
    assertThat(scene.shown()).isEmpty();
  }

  private static PostgresSettings withPrograms(PostgresSettings of, Path directory) {
    return new PostgresSettings(
        of.listenAddresses(),
        of.port(),
        of.connectAddress(),
        of.dataDir(),
        Optional.of(directory),
        of.pgpass(),
        of.superuser(),
        of.replication(),
        of.rewind(),
        of.useUnixSocket(),
        of.parameters(),
        of.pgHba(),
        of.pgIdent(),
        of.usePgRewind(),
        of.basebackup(),
        of.pgCtlTimeout());
  }

  private void look() {
    hand.look(_ -> Tags.NONE, Duration.ofNanos(HostClock.bootNanos()));
  }

  private void untilProven() throws Exception {
    TestHost.eventually(
        "all is there",
        () -> {
          look();
          return hand.state().proven().equals(Optional.of(FOR_B));
        });
  }

  private static void inForce(SyncInForce.Result result) {
    assertThat(result).isInstanceOf(SyncInForce.Result.InForce.class);
  }
}
