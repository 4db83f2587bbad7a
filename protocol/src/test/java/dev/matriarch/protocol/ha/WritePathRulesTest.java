package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.ha.WritePath.Fault;
import dev.matriarch.protocol.ha.WritePath.OnDiskFull;
import dev.matriarch.protocol.ha.WritePathRules.Verdict;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WritePathRulesTest extends HaPolicySpace {
  private static final NodeId THIRD = new NodeId("c");
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration START = Duration.ofMinutes(5);
  private static final Duration LEADS_AT_LEAST = Duration.ofSeconds(90);
  private static final Duration LONG = Duration.ofHours(1);
  private static final Position HERE = new Position(TIMELINE, new Lsn(1000));
  private static final Verdict LEAVE = new Verdict.Leave(OTHER, "no commit", false);
  private static final Verdict LEAVE_AT_ONCE = new Verdict.Leave(OTHER, "no commit", true);
  private static final Verdict RESTART = new Verdict.Restart("nobody was let in");
  private static final Verdict ENDURE = new Verdict.Endure("no commit");

  // --- the verdict ------------------------------------------------------------------------------

  @Test
  void aWritePathThatFailsForLessThanTheTimeoutIsLeftAlone() {
    for (var fault : Fault.values()) {
      var path = failing(fault, TIMEOUT.minusMillis(1));
      assertThat(WritePathRules.judge(view(path))).isEqualTo(new Verdict.Fine());
    }
  }

  @Test
  void aHungOrBrokenWritePathGoesToWhoCanTakeOver() {
    for (var fault : List.of(Fault.SILENT, Fault.BROKEN)) {
      assertThat(WritePathRules.judge(view(failing(fault, TIMEOUT))))
          .isEqualTo(new Verdict.Leave(OTHER, "no commit has succeeded for 10 s: it hangs", false));
    }
  }

  @Test
  void whatHangsInItsDiskIsNotAskedToEndInOrder() {
    assertThat(WritePathRules.judge(view(failing(Fault.HANGING, TIMEOUT))))
        .isEqualTo(new Verdict.Leave(OTHER, "no commit has succeeded for 10 s: it hangs", true));
  }

  @Test
  void aServerThatWaitsForItsClientsToGoIsLeftToThemForTheTimeoutOnly() {
    assertThat(WritePathRules.judge(view(failing(Fault.ENDING, TIMEOUT))))
        .isEqualTo(new Verdict.Leave(OTHER, "nobody was let in for 10 s: it hangs", false));
    assertThat(WritePathRules.judge(ending(false, Optional.empty())))
        .isInstanceOfSatisfying(
            Verdict.Restart.class, it -> assertThat(it.because()).contains("it starts again"));
  }

  @Test
  void whatAnOperatorStopsWhileTheClusterIsPausedIsLeftAlone() {
    for (var successor : List.of(Optional.<NodeId>empty(), Optional.of(OTHER))) {
      assertThat(WritePathRules.judge(ending(true, successor))).isInstanceOf(Verdict.Endure.class);
    }
  }

  @Test
  void aPrimaryThatIsNotUpAgainInTimeIsLeftToAnother() {
    assertThat(WritePathRules.judge(down(START.minusMillis(1), Optional.of(OTHER))))
        .isEqualTo(new Verdict.Fine());
    assertThat(WritePathRules.judge(down(START, Optional.of(OTHER))))
        .isEqualTo(new Verdict.Leave(OTHER, "PostgreSQL has not come up again within 300 s", true));
    assertThat(WritePathRules.judge(down(START, Optional.empty())))
        .isInstanceOfSatisfying(
            Verdict.Endure.class, it -> assertThat(it.because()).contains("nobody"));
  }

  @Test
  void withoutPatienceACrashIsEnough() {
    var view =
        new WritePathRules.View(
            Duration.ZERO,
            false,
            OnDiskFull.HAND_OVER,
            LEADS_AT_LEAST,
            new WritePath.Unknown(),
            false,
            0,
            Optional.of(Duration.ZERO),
            Duration.ZERO,
            LONG,
            Optional.of(OTHER),
            Optional.empty());
    assertThat(WritePathRules.judge(view))
        .isEqualTo(new Verdict.Leave(OTHER, "PostgreSQL has crashed", true));
  }

  @Test
  void theLeaderStaysWhereNobodyCanTakeOver() {
    var alone =
        new WritePathRules.View(
            TIMEOUT,
            false,
            OnDiskFull.HAND_OVER,
            LEADS_AT_LEAST,
            failing(Fault.SILENT, LONG),
            false,
            0,
            Optional.empty(),
            START,
            LONG,
            Optional.empty(),
            Optional.empty());
    assertThat(WritePathRules.judge(alone))
        .isInstanceOfSatisfying(
            Verdict.Endure.class, it -> assertThat(it.because()).contains("nobody"));
  }

  @Test
  void zeroSwitchesItOff() {
    for (var fault : Fault.values()) {
      for (var crashes : List.of(0, 5)) {
        var view =
            new WritePathRules.View(
                Duration.ZERO,
                false,
                OnDiskFull.HAND_OVER,
                LEADS_AT_LEAST,
                failing(fault, LONG),
                true,
                crashes,
                Optional.empty(),
                START,
                LONG,
                Optional.of(OTHER),
                Optional.of(OTHER));
        assertThat(WritePathRules.judge(view)).isEqualTo(new Verdict.Fine());
      }
    }
  }

  @Test
  void whatSaysNothingOfCommitsIsNoReason() {
    for (var path : List.of(new WritePath.Unknown(), new WritePath.Well())) {
      assertThat(WritePathRules.judge(view(path))).isEqualTo(new Verdict.Fine());
    }
  }

  @Test
  void aFullDiskGoesOnlyToSomebodyWithRoom() {
    assertThat(full(OnDiskFull.HAND_OVER, LONG, Optional.of(THIRD)))
        .isEqualTo(new Verdict.Leave(THIRD, "no commit has succeeded for 10 s: it hangs", false));
    assertThat(full(OnDiskFull.HAND_OVER, LONG, Optional.empty()))
        .isInstanceOf(Verdict.Endure.class);
  }

  @Test
  void whateverFailsOnAFullDiskIsTreatedAsTheFullDisk() {
    assertThat(full(Fault.BROKEN, OnDiskFull.HAND_OVER, LONG, Optional.of(THIRD)))
        .isEqualTo(
            new Verdict.Leave(
                THIRD,
                "no commit has succeeded for 10 s: it hangs, and the disk of its WAL is full",
                false));
    for (var roomy : List.of(Optional.<NodeId>empty(), Optional.of(THIRD))) {
      assertThat(full(Fault.BROKEN, OnDiskFull.STAY, LONG, roomy))
          .isInstanceOf(Verdict.Endure.class);
      assertThat(full(Fault.BROKEN, OnDiskFull.HAND_OVER, Duration.ZERO, roomy))
          .isInstanceOf(Verdict.Endure.class);
    }
  }

  @Test
  void crashesOfAFullDiskAreNoReasonToGiveUpOnceThereIsRoom() {
    var crashes = 0;
    for (var crash = 0; crash < 10; crash++) {
      crashes = WritePathRules.crashesAfter(crashes, true);
    }
    assertThat(crashes).isLessThan(HaPolicy.CRASHES_MAX);
    assertThat(WritePathRules.crashesAfter(crashes, false)).isEqualTo(HaPolicy.CRASHES_MAX);
  }

  @Test
  void aNewLeaderWhoseDiskIsFullDoesNotHopOn() {
    var young = LEADS_AT_LEAST.minusMillis(1);
    assertThat(full(OnDiskFull.HAND_OVER, young, Optional.of(THIRD)))
        .isInstanceOfSatisfying(
            Verdict.Endure.class,
            it -> assertThat(it.because()).contains("it has led for less than 90 s"));
    assertThat(full(OnDiskFull.HAND_OVER, LEADS_AT_LEAST, Optional.of(THIRD)))
        .isInstanceOf(Verdict.Leave.class);
  }

  @Test
  void whoIsToStayOnAFullDiskStays() {
    assertThat(full(OnDiskFull.STAY, LONG, Optional.of(THIRD)))
        .isInstanceOfSatisfying(
            Verdict.Endure.class, it -> assertThat(it.because()).contains("on_disk_full"));
  }

  @Test
  void aServerThatCrashesOnAFullDiskIsJudgedFromItsSecondCrashOn() {
    assertThat(WritePathRules.judge(crashed(1, true))).isEqualTo(new Verdict.Fine());
    assertThat(WritePathRules.judge(crashed(2, true)))
        .isEqualTo(
            new Verdict.Leave(THIRD, "PostgreSQL crashes, and the disk of its WAL is full", false));
    assertThat(WritePathRules.judge(crashed(2, false))).isEqualTo(new Verdict.Fine());
  }

  // --- the decision -----------------------------------------------------------------------------

  @Test
  void aSickPrimaryIsStoppedAndThenTheLeaseIsHandedOver() {
    var lease = mine(Optional.of(OURS));
    for (var sick :
        List.of(
            new Instance.Primary(OURS, HERE),
            new Instance.Starting(Optional.of(OURS), true),
            new Instance.Silent(Optional.of(OURS), true, Duration.ZERO))) {
      assertThat(HaPolicy.decide(view(sick, lease, HELD).writing(LEAVE).build()))
          .isEqualTo(new Decision.Stop(false, "no commit; handing over to b"));
      assertThat(HaPolicy.decide(view(sick, lease, HELD).writing(LEAVE_AT_ONCE).build()))
          .isEqualTo(new Decision.Stop(true, "no commit; handing over to b"));
    }
    assertThat(
            HaPolicy.decide(
                view(new Instance.Killed(), lease, HELD).writing(LEAVE_AT_ONCE).build()))
        .isEqualTo(new Decision.GiveUp(Optional.of(OTHER), "no commit"));
    for (var history : List.of(Shutdown.PRIMARY_CLEAN, Shutdown.PRIMARY_UNCLEAN)) {
      var stopped = new Instance.Stopped(OURS, TIMELINE, history);
      assertThat(HaPolicy.decide(view(stopped, lease, HELD).writing(LEAVE).build()))
          .isEqualTo(new Decision.GiveUp(Optional.of(OTHER), "no commit"));
    }
  }

  @Test
  void aStartThatTakesTooLongIsBrokenOff() {
    var starting =
        view(new Instance.Starting(Optional.of(OURS), true), mine(Optional.of(OURS)), HELD);
    starting.busy = Optional.of(Operation.START_PRIMARY);
    assertThat(HaPolicy.decide(starting.build())).isInstanceOf(Decision.Stay.class);
    assertThat(HaPolicy.decide(starting.writing(LEAVE_AT_ONCE).build()))
        .isEqualTo(new Decision.Stop(true, "no commit; handing over to b"));
  }

  @Test
  void aLeaderThatStaysSaysWhyAndRestartsInPlaceHoweverOftenItCrashes() {
    var lease = mine(Optional.of(OURS));
    var primary = view(new Instance.Primary(OURS, HERE), lease, HELD).writing(ENDURE);
    assertThat(HaPolicy.decide(primary.build())).isEqualTo(new Decision.Stay("no commit"));
    var crashed = new Instance.Stopped(OURS, TIMELINE, Shutdown.PRIMARY_UNCLEAN);
    var again = view(crashed, lease, HELD).writing(ENDURE);
    again.crashes = HaPolicy.CRASHES_MAX + 5;
    assertThat(HaPolicy.decide(again.build()))
        .isEqualTo(new Decision.StartPrimary(TIMELINE, "no commit"));
  }

  @Test
  void aServerThatIsToStartAgainIsStoppedInOrderAndStartedInPlace() {
    var lease = mine(Optional.of(OURS));
    for (var ending :
        List.of(new Instance.Primary(OURS, HERE), new Instance.Starting(Optional.of(OURS), true))) {
      assertThat(HaPolicy.decide(view(ending, lease, HELD).writing(RESTART).build()))
          .isEqualTo(new Decision.Stop(false, "nobody was let in"));
    }
    var stopped = new Instance.Stopped(OURS, TIMELINE, Shutdown.PRIMARY_CLEAN);
    assertThat(HaPolicy.decide(view(stopped, lease, HELD).writing(RESTART).build()))
        .isInstanceOf(Decision.StartPrimary.class);
  }

  @Test
  void anOperatorsSuccessorGoesFirst() {
    var view =
        view(new Instance.Primary(OURS, HERE), mine(Optional.of(OURS)), HELD)
            .handingOverTo(THIRD)
            .writing(LEAVE);
    assertThat(HaPolicy.decide(view.build()))
        .isEqualTo(new Decision.Stop(false, "handing over to c"));
  }

  @Test
  void aServerThatCannotBeEndedCostsTheLeaseAndIsNotWaitedFor() {
    var lease = mine(Optional.of(OURS));
    var hung = new Instance.Silent(Optional.of(OURS), true, Duration.ZERO);
    assertThat(
            HaPolicy.decide(view(hung, lease, HELD).writing(LEAVE).resting(Operation.STOP).build()))
        .isInstanceOf(Decision.Resign.class);
    assertThat(
            HaPolicy.decide(
                view(new Instance.Unseen(), lease, HELD).resting(Operation.STOP).build()))
        .as("a look at it would take seconds")
        .isInstanceOf(Decision.Resign.class);
    var silent = new Instance.Silent(Optional.of(OURS), true, PATIENCE);
    assertThat(HaPolicy.decide(view(silent, lease, HELD).resting(Operation.STOP).build()))
        .isInstanceOf(Decision.Resign.class);
  }

  @Test
  void whoDoesNotLeadDecidesAsWithoutAnyVerdict() {
    for (var lease : LEASES) {
      for (var instance : INSTANCES) {
        for (var verdict : List.of(LEAVE, LEAVE_AT_ONCE, RESTART, ENDURE)) {
          if (!mayDiffer(instance, lease)) {
            assertThat(HaPolicy.decide(view(instance, lease, HELD).writing(verdict).build()))
                .as("%s %s", instance, lease)
                .isEqualTo(HaPolicy.decide(view(instance, lease, HELD).build()));
          }
        }
      }
    }
  }

  private static boolean mayDiffer(Instance instance, LeaseView it) {
    return it instanceof LeaseView.Mine
        && switch (instance) {
          case Instance.Primary _,
              Instance.Stopped _,
              Instance.Killed _,
              Instance.Starting _,
              Instance.Silent _ ->
              true;
          case Instance.Unseen _,
              Instance.Absent _,
              Instance.Empty _,
              Instance.Unusable _,
              Instance.Promoting _,
              Instance.Standby _ ->
              false;
        };
  }

  @Test
  void theRulesOfThePolicyHoldWhateverTheVerdict() {
    for (var verdict : List.of(LEAVE, LEAVE_AT_ONCE, RESTART, ENDURE)) {
      for (var lease : LEASES) {
        for (var instance : INSTANCES) {
          var view = view(instance, lease, HELD).writing(verdict);
          everyMood(
              view,
              it -> {
                var decision = HaPolicy.decide(it);
                var held = lease instanceof LeaseView.Mine;
                var gives = decision instanceof Decision.GiveUp;
                return (held || !becomesPrimary(decision))
                    && (!gives || (held && (!isPrimary(instance) || isForeign(it))))
                    && (!isForeign(it) || !touchesData(decision) || it.busy().isPresent());
              });
        }
      }
    }
  }

  // --- made up ----------------------------------------------------------------------------------

  private static WritePath failing(Fault fault, Duration lasting) {
    return new WritePath.Failing(fault, lasting, "it hangs");
  }

  private static WritePathRules.View view(WritePath path) {
    return new WritePathRules.View(
        TIMEOUT,
        false,
        OnDiskFull.HAND_OVER,
        LEADS_AT_LEAST,
        path,
        false,
        0,
        Optional.empty(),
        START,
        Duration.ZERO,
        Optional.of(OTHER),
        Optional.empty());
  }

  private static WritePathRules.View down(Duration lasting, Optional<NodeId> successor) {
    return new WritePathRules.View(
        TIMEOUT,
        false,
        OnDiskFull.HAND_OVER,
        LEADS_AT_LEAST,
        new WritePath.Unknown(),
        false,
        1,
        Optional.of(lasting),
        START,
        LONG,
        successor,
        Optional.empty());
  }

  private static WritePathRules.View ending(boolean paused, Optional<NodeId> successor) {
    return new WritePathRules.View(
        TIMEOUT,
        paused,
        OnDiskFull.HAND_OVER,
        LEADS_AT_LEAST,
        failing(Fault.ENDING, TIMEOUT),
        false,
        0,
        Optional.empty(),
        START,
        LONG,
        successor,
        Optional.empty());
  }

  private static Verdict full(OnDiskFull policy, Duration ledFor, Optional<NodeId> roomy) {
    return full(Fault.FULL, policy, ledFor, roomy);
  }

  private static Verdict full(
      Fault fault, OnDiskFull policy, Duration ledFor, Optional<NodeId> roomy) {
    return WritePathRules.judge(
        new WritePathRules.View(
            TIMEOUT,
            false,
            policy,
            LEADS_AT_LEAST,
            failing(fault, TIMEOUT),
            true,
            0,
            Optional.empty(),
            START,
            ledFor,
            Optional.of(OTHER),
            roomy));
  }

  private static WritePathRules.View crashed(int crashes, boolean full) {
    return new WritePathRules.View(
        TIMEOUT,
        false,
        OnDiskFull.HAND_OVER,
        LEADS_AT_LEAST,
        new WritePath.Unknown(),
        full,
        crashes,
        Optional.empty(),
        START,
        LONG,
        Optional.of(OTHER),
        Optional.of(THIRD));
  }
}
