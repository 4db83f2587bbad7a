package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.ha.HaView.Fence;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The rows of the policy that matter most, by example. */
class HaPolicyTest extends HaPolicySpace {
  @Test
  void aPrimaryOnAnotherTimelineThanTheRecordsDoesNotServe() {
    for (var timeline : List.of(TIMELINE - 1, TIMELINE + 1)) {
      var primary = new Instance.Primary(OURS, new Position(timeline, new Lsn(7)));
      assertThat(decide(primary, mine(Optional.of(OURS)))).isInstanceOf(Decision.Stop.class);
    }
  }

  @Test
  void aLeaderThatHandsOverStopsItsPrimaryAndThenNamesTheSuccessor() {
    var lease = mine(Optional.of(OURS));
    var primary = new Instance.Primary(OURS, new Position(TIMELINE, new Lsn(7)));
    assertThat(HaPolicy.decide(view(primary, lease, HELD).handingOverTo(OTHER).build()))
        .isEqualTo(new Decision.Stop(false, "handing over to " + OTHER));
    var stopped = new Instance.Stopped(OURS, TIMELINE, Shutdown.PRIMARY_CLEAN);
    assertThat(HaPolicy.decide(view(stopped, lease, HELD).handingOverTo(OTHER).build()))
        .isEqualTo(new Decision.GiveUp(Optional.of(OTHER), "handing over to " + OTHER));
  }

  /** What it acknowledged last may be on its disk alone. */
  @Test
  void aPrimaryThatCrashedWhileItHandsOverStartsAgain() {
    var crashed = new Instance.Stopped(OURS, TIMELINE, Shutdown.PRIMARY_UNCLEAN);
    assertThat(
            HaPolicy.decide(
                view(crashed, mine(Optional.of(OURS)), HELD).handingOverTo(OTHER).build()))
        .isInstanceOf(Decision.StartPrimary.class);
  }

  @Test
  void aNodeThatDoesNotLeadHandsNothingOver() {
    for (var instance : INSTANCES) {
      for (var lease : LEASES) {
        if (!(lease instanceof LeaseView.Mine)) {
          assertThat(HaPolicy.decide(view(instance, lease, HELD).handingOverTo(OTHER).build()))
              .as("%s %s", instance, lease)
              .isEqualTo(HaPolicy.decide(view(instance, lease, HELD).build()));
        }
      }
    }
  }

  @Test
  void anAgentThatStopsStartsNothing() {
    for (var instance : INSTANCES) {
      for (var lease : LEASES) {
        var decision = HaPolicy.decide(view(instance, lease, HELD).stopping().build());
        assertThat(decision)
            .as("%s %s", instance, lease)
            .isInstanceOfAny(Decision.Stop.class, Decision.GiveUp.class, Decision.Stay.class);
      }
    }
  }

  @Test
  void nothingIsBegunBeforeTheVotersStateIsKnown() {
    for (var instance : INSTANCES) {
      for (var fence : FENCES) {
        assertThat(HaPolicy.decide(view(instance, new LeaseView.Loading(), fence).build()))
            .as("%s %s", instance, fence)
            .isInstanceOf(Decision.Stay.class);
      }
    }
  }

  @Test
  void aNodeThatCannotVoteStartsNothingAndKeepsNoPrimary() {
    for (var known :
        List.of(Optional.<ClusterRecord>empty(), Optional.of(record(Optional.of(OURS))))) {
      for (var instance : INSTANCES) {
        var view = view(instance, new LeaseView.Mute(known), new Fence.None()).build();
        assertThat(HaPolicy.decide(view))
            .as("%s", instance)
            .isInstanceOf(
                isPrimary(instance) && !isForeign(view)
                    ? Decision.Stop.class
                    : Decision.Stay.class);
      }
    }
  }

  @Test
  void aPromotionThatNobodyWaitsForIsStopped() {
    for (var lease : LEASES) {
      var decision =
          HaPolicy.decide(view(new Instance.Promoting(TIMELINE), lease, new Fence.Open()).build());
      var undecided =
          lease instanceof LeaseView.Loading
              || lease.equals(new LeaseView.Vacant(Optional.empty()));
      assertThat(decision)
          .as("%s", lease)
          .isInstanceOf(undecided ? Decision.Stay.class : Decision.Stop.class);
    }
  }

  @Test
  void aRunningPrimaryOfAnotherClusterIsLeftAloneEvenWhenTheAgentStops() {
    var primary = new Instance.Primary(FOREIGN, new Position(TIMELINE, new Lsn(7)));
    for (var lease : LEASES) {
      if (lease.known().filter(primary::isForeignTo).isPresent()) {
        var view = view(primary, lease, new Fence.None()).stopping();
        assertThat(HaPolicy.decide(view.build()))
            .as("%s", lease)
            .isInstanceOf(
                lease instanceof LeaseView.Mine ? Decision.GiveUp.class : Decision.Stay.class);
      }
    }
  }

  @Test
  void aRunningPrimaryThatNobodyManagedWaitsForTheFounderOfTheCluster() {
    var primary = new Instance.Primary(FOREIGN, new Position(TIMELINE, new Lsn(7)));
    var unfounded = new LeaseView.Theirs(OTHER, record(Optional.empty()));
    assertThat(HaPolicy.decide(view(primary, unfounded, new Fence.None()).build()))
        .isInstanceOf(Decision.Stay.class);
    assertThat(HaPolicy.decide(view(primary, unfounded, HELD).build()))
        .as("an agent has managed it")
        .isInstanceOf(Decision.Stop.class);
  }

  @Test
  void dataWithoutARecordAreStartedOnceAMajorityKnowsOfNoCluster() {
    var stopped = new Instance.Stopped(OURS, TIMELINE, Shutdown.PRIMARY_CLEAN);
    for (var known :
        List.of(Optional.<ClusterRecord>empty(), Optional.of(record(Optional.empty())))) {
      var view = view(stopped, new LeaseView.Vacant(known), new Fence.None());
      assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Stay.class);
      view.unfounded = true;
      assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.StartStandby.class);
    }
  }

  @Test
  void aFormerPrimaryThatCannotBeRecoveredIsClonedAnew() {
    var theirs = new LeaseView.Theirs(OTHER, record(Optional.of(OURS)));
    var crashed = new Instance.Stopped(OURS, TIMELINE - 1, Shutdown.PRIMARY_UNCLEAN);
    var view = view(crashed, theirs, PAST);
    view.rejoin = Optional.of(Rejoin.CLONE);
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Clone.class);
    view.leaderReady = false;
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Stay.class);
  }

  @Test
  void aStandbyWhoseReplayNeedsLargerLimitsIsStartedAnew() {
    for (var lease : LEASES) {
      for (var instance : INSTANCES) {
        var view = view(instance, lease, HELD);
        var otherwise = HaPolicy.decide(view.build());
        view.tooSmall = true;
        var decision = HaPolicy.decide(view.build());
        if (!decision.equals(otherwise)) {
          assertThat(decision).as("%s %s", instance, lease).isEqualTo(RESTART);
          assertThat(instance).isInstanceOf(Instance.Standby.class);
        }
      }
    }
    var standby =
        standby(OURS, new Position(TIMELINE - 1, new Lsn(7)), Optional.of(OTHER), Duration.ZERO);
    for (var lease :
        List.of(
            mine(Optional.of(OURS)),
            new LeaseView.Theirs(OTHER, record(Optional.of(OURS))),
            new LeaseView.Vacant(Optional.of(record(Optional.of(OURS)))))) {
      var view = view(standby, lease, HELD);
      view.tooSmall = true;
      assertThat(HaPolicy.decide(view.build())).isEqualTo(RESTART);
    }
  }

  @Test
  void aPrimaryToBeAdoptedRunsOnWhileItIsElected() {
    var electing = new LeaseView.Vacant(Optional.of(record(Optional.empty())));
    var primary = new Instance.Primary(OURS, new Position(TIMELINE, new Lsn(7)));
    assertThat(HaPolicy.decide(view(primary, electing, new Fence.None()).build()))
        .isInstanceOf(Decision.Stay.class);
    assertThat(HaPolicy.decide(view(primary, electing, PAST).build()))
        .as("one that had a lease of this cluster")
        .isInstanceOf(Decision.Stop.class);
  }

  @Test
  void nobodyFollowsALeaderWhoseClusterHasNoNameYet() {
    var unnamed = new LeaseView.Theirs(OTHER, record(Optional.empty()));
    for (var instance : INSTANCES) {
      if (!isPrimary(instance)) {
        assertThat(decide(instance, unnamed)).as("%s", instance).isInstanceOf(Decision.Stay.class);
      }
    }
  }

  @Test
  void crashedLeaderRestartsInPlace() {
    var down = new Instance.Stopped(OURS, TIMELINE, Shutdown.PRIMARY_UNCLEAN);
    assertThat(decide(down, mine(Optional.of(OURS))))
        .isEqualTo(new Decision.StartPrimary(TIMELINE, "the leader's PostgreSQL is down"));
  }

  @Test
  void leaderThatCrashesAgainAndAgainGivesUp() {
    var down = new Instance.Stopped(OURS, TIMELINE, Shutdown.PRIMARY_UNCLEAN);
    var view = view(down, mine(Optional.of(OURS)), HELD);
    view.crashes = HaPolicy.CRASHES_MAX;
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.GiveUp.class);
  }

  @Test
  void whoMustNotLeadLeavesItToAnotherAndItsPrimaryToTheGuardian() {
    var lease = mine(Optional.of(OURS));
    var here = new Position(TIMELINE - 1, new Lsn(7));
    for (var idle :
        List.of(
            standby(OURS, here, Optional.empty(), Duration.ZERO),
            new Instance.Stopped(OURS, TIMELINE, Shutdown.PRIMARY_CLEAN))) {
      assertThat(HaPolicy.decide(view(idle, lease, HELD).obstructedBy("no watchdog").build()))
          .isEqualTo(new Decision.GiveUp(Optional.empty(), "no watchdog"));
    }
    var primary = new Instance.Primary(OURS, new Position(TIMELINE, new Lsn(7)));
    assertThat(HaPolicy.decide(view(primary, lease, HELD).obstructedBy("no watchdog").build()))
        .isInstanceOf(Decision.Stay.class);
  }

  @Test
  void standbyThatLetsNobodyInAnyMoreIsStartedAgainAfterAWhile() {
    var lease = new LeaseView.Theirs(OTHER, record(Optional.of(OURS)));
    var here = new Position(TIMELINE, new Lsn(7));
    for (var instance :
        List.of(
            standby(OURS, here, Optional.of(OTHER), Duration.ZERO),
            new Instance.Starting(Optional.of(OURS), false))) {
      assertThat(HaPolicy.decide(view(instance, lease, HELD).endingFor(PATIENCE).build()))
          .isInstanceOf(Decision.Stop.class);
      assertThat(
              HaPolicy.decide(
                  view(instance, lease, HELD).endingFor(PATIENCE.minusMillis(1)).build()))
          .isInstanceOf(Decision.Stay.class);
    }
    var primary = new Instance.Primary(OURS, here);
    assertThat(
            HaPolicy.decide(
                view(primary, mine(Optional.of(OURS)), HELD).endingFor(PATIENCE).build()))
        .as("a leader's end is judged by what its clients find")
        .isInstanceOf(Decision.Stay.class);
  }

  @Test
  void standbyThatCannotBePromotedGivesUp() {
    var standby =
        standby(OURS, new Position(TIMELINE - 1, new Lsn(7)), Optional.empty(), Duration.ZERO);
    var view = view(standby, mine(Optional.of(OURS)), HELD);
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Promote.class);
    view.crashes = HaPolicy.CRASHES_MAX;
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.GiveUp.class);
  }

  @Test
  void formerPrimaryIsRecoveredThenJudgedThenRewoundThenStarted() {
    var theirs = new LeaseView.Theirs(OTHER, record(Optional.of(OURS)));
    var crashed = new Instance.Stopped(OURS, TIMELINE - 1, Shutdown.PRIMARY_UNCLEAN);
    assertThat(decide(crashed, theirs)).isInstanceOf(Decision.RecoverCrash.class);
    var clean = new Instance.Stopped(OURS, TIMELINE - 1, Shutdown.PRIMARY_CLEAN);
    assertThat(decide(clean, theirs)).isInstanceOf(Decision.Judge.class);
    var judged = view(clean, theirs, new Fence.None());
    judged.rejoin = Optional.of(Rejoin.REWIND);
    assertThat(HaPolicy.decide(judged.build())).isInstanceOf(Decision.Rewind.class);
    var rewound = new Instance.Stopped(OURS, TIMELINE, Shutdown.STANDBY);
    assertThat(decide(rewound, theirs))
        .isEqualTo(new Decision.StartStandby(Optional.of(OTHER), "b leads"));
  }

  /** It tries again and again, and may look as if it streamed whenever it is looked at. */
  @Test
  void standbyThatIsKnownToDivergeIsStoppedAtOnce() {
    var theirs = new LeaseView.Theirs(OTHER, record(Optional.of(OURS)));
    var tries = view(receiving(TIMELINE - 1), theirs, new Fence.None());
    tries.leaderReady = true;
    assertThat(HaPolicy.decide(tries.build())).isInstanceOf(Decision.Stay.class);
    tries.rejoin = Optional.of(Rejoin.FOLLOW);
    assertThat(HaPolicy.decide(tries.build())).isInstanceOf(Decision.Stay.class);
    tries.rejoin = Optional.of(Rejoin.REWIND);
    assertThat(HaPolicy.decide(tries.build())).isInstanceOf(Decision.Stop.class);
    tries.leaderReady = false;
    assertThat(HaPolicy.decide(tries.build())).isInstanceOf(Decision.Stay.class);
    var streams = view(receiving(TIMELINE), theirs, new Fence.None());
    streams.leaderReady = true;
    streams.rejoin = Optional.of(Rejoin.REWIND);
    assertThat(HaPolicy.decide(streams.build())).isInstanceOf(Decision.Stay.class);
  }

  private static Instance.Standby receiving(int timeline) {
    return new Instance.Standby(
        OURS,
        new Position(TIMELINE - 1, new Lsn(7)),
        true,
        Optional.of(OTHER),
        Optional.of(new Local.Source(OTHER, timeline)),
        Duration.ZERO);
  }

  @Test
  void operationThatFailedRestsButAStopNever() {
    var theirs = new LeaseView.Theirs(OTHER, record(Optional.of(OURS)));
    var view = view(new Instance.Empty(false), theirs, new Fence.None());
    view.resting = EnumSet.allOf(Operation.class);
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Stay.class);
    var primary = new Instance.Primary(OURS, new Position(TIMELINE, new Lsn(7)));
    var stopping = view(primary, theirs, PAST);
    stopping.resting = EnumSet.allOf(Operation.class);
    assertThat(HaPolicy.decide(stopping.build())).isInstanceOf(Decision.Stop.class);
  }
}
