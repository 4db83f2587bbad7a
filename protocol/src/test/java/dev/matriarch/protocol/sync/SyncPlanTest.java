package dev.matriarch.protocol.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.sync.SyncView.Standby;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each rule of the order, and what has to be before. */
class SyncPlanTest extends SyncViews {
  @Test
  void modeOnBeginsWithPostgresAndEndsWithTheRecord() {
    var set = set(2, "a", "b");
    assertAsks(ONE, view(ASYNCHRONOUS, UNSET, well("b")), first(set));
    assertWaits(
        ONE,
        view(ASYNCHRONOUS, List.of(UNSET, first(set)), first(set), Optional.empty(), well("b")));
    assertWaits(ONE, view(ASYNCHRONOUS, first(set), well("b")));
    assertProposes(ONE, proven(ASYNCHRONOUS, set, well("b")), set);
    assertSettled(ONE, view(Optional.of(set), first(set), well("b")));
  }

  @Test
  void provenSettingThatIsNotInForceAnyMoreIsNotProposed() {
    var set = set(2, "a", "b");
    assertWaits(
        ONE,
        view(ASYNCHRONOUS, List.of(UNSET, first(set)), first(set), Optional.of(set), well("b")));
  }

  @Test
  void modeOffBeginsWithTheRecordAndEndsWithPostgres() {
    var set = set(2, "a", "b");
    assertThat(next(SyncPolicy.ASYNCHRONOUS, view(Optional.of(set), first(set), well("b"))))
        .isInstanceOfSatisfying(SyncStep.ProposeRecord.class, it -> assertThat(it.set()).isEmpty());
    assertThat(settingOf(next(SyncPolicy.ASYNCHRONOUS, view(ASYNCHRONOUS, first(set), well("b")))))
        .isEqualTo(UNSET);
    assertSettled(SyncPolicy.ASYNCHRONOUS, view(ASYNCHRONOUS, UNSET, well("b")));
  }

  @Test
  void modeOnWithoutStandbysNamesTheLeaderAlone() {
    assertProposes(ONE, view(ASYNCHRONOUS, UNSET), set(1, "a"));
    assertSettled(ONE, view(Optional.of(set(1, "a")), UNSET));
  }

  @Test
  void memberIsAddedToTheRecordFirst() {
    var old = set(2, "a", "b");
    var added = set(2, "a", "b", "c");
    assertProposes(ANY, view(Optional.of(old), any(old), well("b"), well("c")), added);
    assertAsks(ANY, view(Optional.of(added), any(old), well("b"), well("c")), any(added));
  }

  @Test
  void memberIsRemovedFromPostgresFirst() {
    var old = set(2, "a", "b", "c");
    var removed = set(2, "a", "b");
    assertAsks(ANY, view(Optional.of(old), any(old), well("b"), gone("c")), any(removed));
    assertProposes(
        ANY,
        view(
            Optional.of(old),
            List.of(any(removed)),
            any(removed),
            Optional.of(removed),
            well("b"),
            gone("c")),
        removed);
  }

  @Test
  void moreCopiesBeginWithPostgresAndFewerWithTheRecord() {
    var two = set(2, "a", "b", "c");
    var three = set(3, "a", "b", "c");
    assertAsks(ANY_TWO, view(Optional.of(two), any(two), well("b"), well("c")), any(three));
    assertProposes(ANY, view(Optional.of(three), any(three), well("b"), well("c")), two);
  }

  @Test
  void copiesAreKeptWhileThoseWhomAnElectionWouldNeedThenAreNotThere() {
    var three = set(3, "a", "b", "c");
    var since = NOW.minusMillis(10);
    var b = standby("b", false, 0, since, Map.of());
    var c = standby("c", false, 0, since, Map.of());
    assertWaits(ANY, view(Optional.of(three), any(three), b, c));
    assertProposes(ANY, view(Optional.of(three), any(three), gone("b"), gone("c")), set(1, "a"));
  }

  @Test
  void newLeaderDropsNobodyBeforeTheMembersHadTimeToConnect() {
    var five = set(3, "a", "b", "c", "d", "e");
    var since = NOW.minusMillis(10);
    var nosync = standby("b", false, 0, since, Map.of("nosync", true));
    var c = standby("c", false, 0, since, Map.of());
    var d = standby("d", false, 0, since, Map.of());
    assertWaits(ANY, view(Optional.of(five), any(five), nosync, c, d, gone("e")));
    assertProposes(
        ANY,
        view(
            Optional.of(five),
            any(five),
            well("b", 0, Map.of("nosync", true)),
            well("c"),
            well("d"),
            gone("e")),
        set(2, "a", "b", "c", "d"));
  }

  @Test
  void whoseDirectoryWasMadeAnewLeavesBeforeWhoIsOnlyAway() {
    var five = set(3, "a", "b", "c", "d", "e");
    assertProposes(
        ANY,
        view(Optional.of(five), any(five), gone("b"), gone("c"), well("d2"), well("e")),
        set(2, "a", "b", "c", "e"));
  }

  @Test
  void leaderLeftAloneDegradesAndReturnsInOneChange() {
    var both = set(2, "a", "b");
    var alone = set(1, "a");
    assertProposes(ONE, view(Optional.of(both), first(both), gone("b")), alone);
    assertAsks(ONE, view(Optional.of(alone), first(both), gone("b")), UNSET);
    assertAsks(ONE, view(Optional.of(alone), UNSET, well("b")), first(both));
  }

  @Test
  void exchangeIsTwoChangesAndKeepsTheCopies() {
    var old = set(2, "a", "b");
    var union = set(2, "a", "b", "c");
    var standbys = new Standby[] {gone("b"), well("c")};
    assertProposes(ONE, view(Optional.of(old), first(old), standbys), union);
    assertAsks(ONE, view(Optional.of(union), first(old), standbys), first(set(2, "a", "c")));
  }

  @Test
  void fewerCopiesAndFewerMembersLeaveTheReadQuorumAsItWas() {
    var old = set(4, "a", "b", "c", "d", "e");
    var lower = set(2, "a", "c", "d");
    assertProposes(
        ANY, view(Optional.of(old), any(old), gone("b"), well("c"), well("d"), gone("e")), lower);
    assertThat(lower.readQuorum()).isEqualTo(old.readQuorum());
  }

  @Test
  void thoseThatAreNotThereLeaveFirst() {
    var old = set(3, "a", "b", "c", "d");
    var tagged = well("b", 0, Map.of("nosync", true));
    assertProposes(
        ONE, view(Optional.of(old), any(old), tagged, gone("c"), well("d")), set(2, "a", "b", "d"));
  }

  // --- what has to be before

  @Test
  void nothingIsDoneWhileAProposalIsUnderWay() {
    var view = view(ASYNCHRONOUS, UNSET, well("b"));
    var busy =
        new SyncView(view.leader(), view.record(), true, view.postgres(), view.standbys(), NOW);
    assertWaits(ONE, busy);
    assertWaits(SyncPolicy.ASYNCHRONOUS, busy);
  }

  @Test
  void changeWaitsUntilTheLastSettingIsInForce() {
    var old = set(2, "a", "b", "c");
    var settings = List.of(first(set(2, "a", "b")), any(old));
    assertWaits(
        ANY, view(Optional.of(old), settings, any(old), Optional.empty(), well("b"), gone("c")));
  }

  @Test
  void changeWaitsUntilEnoughMembersStream() {
    var alone = Optional.of(set(1, "a"));
    var started = view(alone, UNSET, standby("b", false, 0, NOW, Map.of()));
    assertSettled(ONE, started);
    var pair = Optional.of(set(2, "a", "b"));
    var reconnecting = standby("b", true, 0, NOW, Map.of());
    assertWaits(TWO, view(pair, first(pair.get()), reconnecting, well("c")));
  }

  @Test
  void newLeaderFirstSetsWhatItsRecordSays() {
    var record = set(2, "a", "b", "c");
    assertAsks(ANY, view(Optional.of(record), UNSET, well("b")), any(record));
    assertWaits(
        ANY,
        view(
            Optional.of(record),
            List.of(UNSET, any(record)),
            any(record),
            Optional.empty(),
            well("b")));
  }

  @Test
  void settingThatIsNotKnownAllowsNoProposal() {
    var both = set(2, "a", "b");
    assertWaits(ONE, view(Optional.of(both), List.of(), first(both), Optional.empty(), gone("b")));
  }

  @Test
  void recordThatDoesNotNameTheseDataIsLeftAlone() {
    assertWaits(ONE, view(Optional.of(set(2, "a2", "b")), UNSET, well("b")));
  }

  // --- giving up

  @Test
  void changeIsGivenUpWhenItsStandbyIsSuspected() {
    var alone = Optional.of(set(1, "a"));
    var wanted = first(set(2, "a", "b"));
    var step = next(ONE, view(alone, List.of(UNSET, wanted), wanted, Optional.empty(), gone("b")));
    assertThat(step).isInstanceOf(SyncStep.GiveUp.class);
    assertThat(settingOf(step)).isEqualTo(UNSET);
  }

  @Test
  void changeIsNotGivenUpForAnotherStandbyThatGotAhead() {
    var alone = Optional.of(set(1, "a"));
    var wanted = first(set(2, "a", "b"));
    assertWaits(ONE, view(alone, wanted, well("b", 5), well("c", 9)));
  }

  // --- strict mode

  @Test
  void strictModeHoldsCommitsUntilThereIsAStandby() {
    assertAsks(STRICT, view(ASYNCHRONOUS, UNSET), HELD);
    assertSettled(STRICT, view(ASYNCHRONOUS, HELD));
    assertAsks(STRICT, view(ASYNCHRONOUS, HELD, well("b")), first(set(2, "a", "b")));
    assertAsks(STRICT, view(Optional.of(set(1, "a")), UNSET), HELD);
  }

  @Test
  void strictModeKeepsTheLastStandbys() {
    var both = set(2, "a", "b");
    assertSettled(STRICT, view(Optional.of(both), first(both), gone("b")));
  }

  @Test
  void strictModeReplacesADirectoryMadeAnewWithoutACommitOnOneNode() {
    var old = set(2, "a", "b");
    var anew = set(2, "a", "b2");
    var standbys = new Standby[] {gone("b"), well("b2")};
    assertProposes(STRICT, view(Optional.of(old), first(old), standbys), set(1, "a"));
    assertAsks(STRICT, view(Optional.of(set(1, "a")), first(old), standbys), first(anew));
  }

  // --- incarnations

  @Test
  void oldIncarnationLeavesBeforeTheNewOneComes() {
    var old = set(2, "a", "b", "c");
    var standbys = new Standby[] {gone("b"), well("b2"), well("c")};
    var without = set(2, "a", "c");
    assertAsks(ANY, view(Optional.of(old), any(old), standbys), any(without));
    assertProposes(ANY, view(Optional.of(without), any(without), standbys), set(2, "a", "b2", "c"));
  }

  @Test
  void incarnationThatStreamsEndsThePatienceWithTheOldOne() {
    var old = set(2, "a", "b");
    var reconnecting = standby("b", false, 0, NOW, Map.of());
    assertProposes(ONE, view(Optional.of(old), first(old), reconnecting, well("b2")), set(1, "a"));
  }
}
