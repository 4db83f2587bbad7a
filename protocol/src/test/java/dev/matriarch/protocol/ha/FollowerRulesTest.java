package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A running standby and a leader on a later timeline, in synchronous mode. */
class FollowerRulesTest extends HaPolicySpace {
  private static final long FORK = 100;
  private static final NodeId FORMER = new NodeId("c");
  private static final Decision FOLLOW = new Decision.Follow(OTHER, "b leads");

  @Test
  void itIsCutOffFirstSoThatWhatItHoldsIsKnown() {
    assertThat(HaPolicy.decide(standbyAt(FORK, TIMELINE - 1).build()))
        .isInstanceOf(Decision.Fence.class);
    assertThat(HaPolicy.decide(standbyAt(FORK, TIMELINE).build()))
        .as("on the leader's timeline all along")
        .isEqualTo(FOLLOW);
  }

  @Test
  void whatTheLeaderHasTooFollowsAtOnce() {
    var view = sealedAt(FORK, TIMELINE - 1);
    view.leaderReady = false;
    assertThat(HaPolicy.decide(view.build())).isEqualTo(FOLLOW);
  }

  @Test
  void whatTheLeaderMayLackIsJudgedBeforeItFollows() {
    var view = sealedAt(FORK + 1, TIMELINE - 1);
    view.leaderReady = false;
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Stay.class);
    view.leaderReady = true;
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Judge.class);
    view.rejoin = Optional.of(Rejoin.FOLLOW);
    assertThat(HaPolicy.decide(view.build())).isEqualTo(FOLLOW);
    for (var apart : List.of(Rejoin.REWIND, Rejoin.CLONE)) {
      view.rejoin = Optional.of(apart);
      assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Stop.class);
    }
  }

  @Test
  void aTimelineThatTheRecordDoesNotKnowIsJudged() {
    assertThat(HaPolicy.decide(sealedAt(1, TIMELINE - 2).build()))
        .isInstanceOf(Decision.Judge.class);
    assertThat(HaPolicy.decide(sealedAt(1, TIMELINE + 1).build()))
        .isInstanceOf(Decision.Judge.class);
  }

  @Test
  void withoutSynchronousReplicationNobodyCountsWhatItConfirms() {
    var theirs = new LeaseView.Theirs(OTHER, record(Optional.of(OURS)));
    var ahead =
        view(streamingFrom(FORMER, FORK + 1, TIMELINE - 1), theirs, new HaView.Fence.None());
    assertThat(HaPolicy.decide(ahead.build())).isEqualTo(FOLLOW);
  }

  @Test
  void oneThatIsCutOffAndNotMeasuredYetMayHoldMoreThanItShows() {
    var view = standbyAt(FORK, TIMELINE - 1);
    view.sealed = HaView.Seal.CLOSED;
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Fence.class);
  }

  @Test
  void oneThatWasJustToldToFollowIsNotCutOffBeforeItShowsThat() {
    assertThat(HaPolicy.decide(standbyAt(FORK, TIMELINE - 1).resting(Operation.FOLLOW).build()))
        .isInstanceOf(Decision.Stay.class);
  }

  @Test
  void aStoppedStandbyStartsWithNobodyToFollowUntilItsEndIsKnown() {
    var alone = Optional.<NodeId>empty();
    assertThat(stopped(TIMELINE - 1, Instance.Shutdown.STANDBY, Rejoin.FOLLOW))
        .isInstanceOfSatisfying(
            Decision.StartStandby.class, it -> assertThat(it.upstream()).isEqualTo(alone));
    assertThat(stopped(TIMELINE - 1, Instance.Shutdown.STANDBY, Rejoin.REWIND))
        .isInstanceOf(Decision.Rewind.class);
    var follows = new Decision.StartStandby(Optional.of(OTHER), "b leads");
    assertThat(stopped(TIMELINE - 1, Instance.Shutdown.PRIMARY_CLEAN, Rejoin.FOLLOW))
        .as("pg_rewind has read its end")
        .isEqualTo(follows);
    assertThat(stopped(TIMELINE, Instance.Shutdown.STANDBY, Rejoin.FOLLOW)).isEqualTo(follows);
  }

  private static Decision stopped(int timeline, Instance.Shutdown history, Rejoin judged) {
    var view =
        view(
            new Instance.Stopped(OURS, timeline, history),
            new LeaseView.Theirs(OTHER, synchronous()),
            new HaView.Fence.None());
    view.rejoin = Optional.of(judged);
    return HaPolicy.decide(view.build());
  }

  private static ViewBuilder sealedAt(long lsn, int timeline) {
    var view = standbyAt(lsn, timeline);
    view.sealed = HaView.Seal.MEASURED;
    return view;
  }

  private static ViewBuilder standbyAt(long lsn, int timeline) {
    return view(
        streamingFrom(FORMER, lsn, timeline),
        new LeaseView.Theirs(OTHER, synchronous()),
        new HaView.Fence.None());
  }

  private static Instance.Standby streamingFrom(NodeId upstream, long lsn, int timeline) {
    return standby(
        OURS, new Position(timeline, new Lsn(lsn)), Optional.of(upstream), Duration.ZERO);
  }

  private static ClusterRecord synchronous() {
    var entry =
        new HistoryEntry(
            5,
            TIMELINE,
            new Lsn(FORK),
            OTHER,
            Optional.empty(),
            "the leader is lost",
            Optional.of(TIMELINE - 1));
    return record(Optional.of(OURS))
        .withHistory(List.of(entry))
        .withSync(
            Optional.of(new SyncSet(Set.of(new Incarnation(OTHER, 1), new Incarnation(ME, 1)), 2)));
  }
}
