package dev.matriarch.protocol.sync;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.SyncView.Standby;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Which standbys are chosen. */
class SyncTargetTest extends SyncViews {
  @Test
  void memberThatReconnectsWithinThePatienceStays() {
    var both = Optional.of(set(2, "a", "b"));
    var within = standby("b", false, 0, NOW.minus(SyncPolicy.PATIENCE).plusMillis(1), Map.of());
    var after = standby("b", false, 0, NOW.minus(SyncPolicy.PATIENCE), Map.of());
    assertSettled(ONE, view(both, first(both.get()), within, well("c")));
    assertProposes(ONE, view(both, first(both.get()), after, well("c")), set(2, "a", "b", "c"));
  }

  @Test
  void lastMemberIsWaitedForLonger() {
    var both = Optional.of(set(2, "a", "b"));
    var alone = SyncPolicy.ALONE_AFTER;
    var within = standby("b", false, 0, NOW.minus(alone).plusMillis(1), Map.of());
    var after = standby("b", false, 0, NOW.minus(alone), Map.of());
    assertSettled(ONE, view(both, first(both.get()), within));
    assertProposes(ONE, view(both, first(both.get()), after), set(1, "a"));
  }

  @Test
  void memberIsPreferredToAStandbyWithMoreWal() {
    var both = Optional.of(set(2, "a", "b"));
    assertSettled(ONE, view(both, first(both.get()), well("b", 1), well("c", 1000)));
  }

  @Test
  void mostConfirmedWalIsPreferredAmongNewcomers() {
    assertAsks(ONE, view(ASYNCHRONOUS, UNSET, well("b", 1), well("c", 2)), first(set(2, "a", "c")));
  }

  @Test
  void newcomerWhoseDataMayGetAnotherNumberIsNotTaken() {
    var unsettled =
        new Standby(incarnation("c"), true, false, new Lsn(9), Optional.empty(), Tags.NONE);
    assertAsks(ONE, view(ASYNCHRONOUS, UNSET, well("b"), unsettled), first(set(2, "a", "b")));
    var both = Optional.of(set(2, "a", "c"));
    assertSettled(ONE, view(both, first(both.get()), well("b"), unsettled));
  }

  @Test
  void syncPriorityGoesBeforeMembershipAndWal() {
    var both = Optional.of(set(2, "a", "b"));
    var preferred = well("c", 0, Map.of("sync_priority", 5));
    assertProposes(
        ONE, view(both, first(both.get()), well("b", 9), preferred), set(2, "a", "b", "c"));
  }

  @Test
  void nodeThatNeverLeadsIsChosenLast() {
    var never = well("b", 9, Map.of("nofailover", true, "sync_priority", 5));
    assertAsks(ONE, view(ASYNCHRONOUS, UNSET, never, well("c", 1)), first(set(2, "a", "c")));
    assertAsks(ONE, view(ASYNCHRONOUS, UNSET, never), first(set(2, "a", "b")));
  }

  @Test
  void standbyTaggedNosyncIsNeverChosenAndLeaves() {
    for (var tags :
        List.<Map<String, Object>>of(Map.of("nosync", true), Map.of("sync_priority", 0))) {
      assertProposes(ONE, view(ASYNCHRONOUS, UNSET, well("b", 1, tags)), set(1, "a"));
      var both = Optional.of(set(2, "a", "b"));
      assertProposes(ONE, view(both, first(both.get()), well("b", 1, tags)), set(1, "a"));
    }
  }

  @Test
  void memberIsReplacedOnlyOnceItLagsMoreThanAllowed() {
    var limited =
        new SyncPolicy(SyncMode.PRIORITY, false, 1, OptionalLong.of(100), SyncPolicy.PATIENCE);
    var both = Optional.of(set(2, "a", "b"));
    var setting = first(both.get());
    assertSettled(limited, view(both, setting, well("b", 1), well("c", 101)));
    assertProposes(
        limited, view(both, setting, well("b", 1), well("c", 102)), set(2, "a", "b", "c"));
  }

  @Test
  void quorumModeTakesAllFitStandbysAndPriorityModeAFew() {
    var standbys = new Standby[] {well("b"), well("c"), well("d")};
    assertAsks(ANY_TWO, view(ASYNCHRONOUS, UNSET, standbys), any(set(3, "a", "b", "c", "d")));
    assertAsks(TWO, view(ASYNCHRONOUS, UNSET, standbys), first(set(3, "a", "b", "c")));
    assertAsks(TWO, view(ASYNCHRONOUS, UNSET, well("d")), first(set(2, "a", "d")));
  }

  @Test
  void changeOfTheModeRewritesTheSettingOnly() {
    var both = set(2, "a", "b");
    assertAsks(ANY, view(Optional.of(both), first(both), well("b")), any(both));
  }

  @Test
  void standbyWhoseNamePostgresWouldNotKeepIsNotChosen() {
    var name = "x".repeat(IncarnationName.NODE_MAX + 1);
    assertProposes(ONE, view(ASYNCHRONOUS, UNSET, well(name)), set(1, "a"));
  }

  @Test
  void policyThatCannotBeMetIsRefused() {
    assertThatThrownBy(() -> policy(SyncMode.QUORUM, false, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use 1 or more");
  }
}
