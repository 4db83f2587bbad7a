package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.ha.HaView.Fence;
import dev.matriarch.protocol.ha.HaView.Seal;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What an agent does while the election wants its PostgreSQL fenced, over the whole space. */
class FenceOrderTest extends HaPolicySpace {
  private static final Ballot BALLOT = new Ballot(6, OTHER, StoreId.UNKNOWN);
  private static final Position THERE = new Position(TIMELINE, new Lsn(7));
  private static final Orders FENCE =
      new Orders(Optional.of(BALLOT), Optional.empty(), Optional.empty());

  @Test
  void nothingIsFollowedOrMadePrimaryWhileFenced() {
    whileFenced(view -> {
      var decision = HaPolicy.decide(view);
      var follows =
          decision instanceof Decision.Follow
              || decision instanceof Decision.Clone
              || decision instanceof Decision.Rewind
              || (decision instanceof Decision.StartStandby(var upstream, _)
                  && upstream.isPresent());
      return !follows && !becomesPrimary(decision);
    });
  }

  @Test
  void aPrimaryThatIsToBeFencedIsStoppedAtOnce() {
    whileFenced(view ->
        !isPrimary(view.instance())
            || view.busy().isPresent()
            || view.stopping()
            || isForeign(view)
            || (HaPolicy.decide(view) instanceof Decision.Stop(var immediate, _) && immediate));
  }

  @Test
  void whatMayFollowIsNotTakenForFenced() {
    everySeal((instance, seal, busy) -> {
      var kept = FenceOrder.isKept(instance, seal, busy);
      var runs =
          isPrimary(instance)
              || instance instanceof Instance.Standby
              || instance instanceof Instance.Starting
              || instance instanceof Instance.Silent
              || instance instanceof Instance.Unseen
              || instance instanceof Instance.Unusable;
      assertThat(kept && runs && seal == Seal.OPEN).as("%s %s", instance, busy).isFalse();
      assertThat(kept && isPrimary(instance) && busy.isEmpty()).as("%s", instance).isFalse();
    });
  }

  @Test
  void anOperationThatEndsInFollowingBreaksTheFenceUnlessItWasSealed() {
    for (var operation :
        EnumSet.of(Operation.START_STANDBY, Operation.CLONE, Operation.REWIND, Operation.FOLLOW)) {
      assertThat(FenceOrder.isKept(new Instance.Empty(true), Seal.OPEN, Optional.of(operation)))
          .as("%s", operation)
          .isFalse();
    }
    for (var operation : EnumSet.of(Operation.CLONE, Operation.REWIND)) {
      assertThat(FenceOrder.isKept(new Instance.Empty(true), Seal.CLOSED, Optional.of(operation)))
          .as("%s", operation)
          .isTrue();
    }
  }

  @Test
  void whoeverIsMakingAPrimaryStopsWhenFenced() {
    for (var operation :
        EnumSet.of(Operation.PROMOTE, Operation.START_PRIMARY, Operation.INITIALISE)) {
      var view = fenced(new Instance.Promoting(TIMELINE), mine(Optional.of(OURS)));
      view.busy = Optional.of(operation);
      assertThat(HaPolicy.decide(view.build()))
          .isEqualTo(new Decision.Stop(true, "fenced while busy: " + operation));
    }
  }

  @Test
  void aStandbyIsFencedMeasuredAndThenLeftAlone() {
    var standby = standby(OURS, THERE, Optional.of(OTHER), Duration.ZERO);
    var view = fenced(standby, new LeaseView.Theirs(OTHER, record(Optional.of(OURS))));
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Fence.class);
    view.sealed = Seal.CLOSED;
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Fence.class);
    view.sealed = Seal.MEASURED;
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Stay.class);
  }

  @Test
  void aCandidateThatLacksWalFetchesItOnlyOnceItIsFenced() {
    var standby = standby(OURS, THERE, Optional.empty(), Duration.ZERO);
    var view = fenced(standby, new LeaseView.Vacant(Optional.of(record(Optional.of(OURS)))));
    var fetch = new Orders.Fetch(OTHER, new Position(TIMELINE, new Lsn(9)));
    view.orders = new Orders(Optional.of(BALLOT), Optional.of(fetch), Optional.empty());
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Fence.class);
    view.sealed = Seal.MEASURED;
    assertThat(HaPolicy.decide(view.build()))
        .isEqualTo(new Decision.Fetch(fetch, "b has more WAL, and does not lead"));
  }

  @Test
  void stoppedDataAreStartedWithoutAnybodyToFollow() {
    for (var shutdown : Instance.Shutdown.values()) {
      var stopped = new Instance.Stopped(OURS, TIMELINE, shutdown);
      var view = fenced(stopped, new LeaseView.Theirs(OTHER, record(Optional.of(OURS))));
      assertThat(HaPolicy.decide(view.build()))
          .isEqualTo(
              new Decision.StartStandby(
                  Optional.empty(), "fenced for b in term 6: how much is there"));
    }
  }

  @Test
  void dataGetTheNumberOfTheirIncarnation() {
    var standby = standby(OURS, THERE, Optional.of(OTHER), Duration.ZERO);
    var view = view(standby, new LeaseView.Theirs(OTHER, record(Optional.of(OURS))), HELD);
    view.orders = new Orders(Optional.empty(), Optional.empty(), Optional.of(42L));
    assertThat(HaPolicy.decide(view.build()))
        .isEqualTo(new Decision.TakeIncarnation(42, "these data are not what they were before"));
    view.busy = Optional.of(Operation.CLONE);
    assertThat(HaPolicy.decide(view.build())).isInstanceOf(Decision.Stay.class);
  }

  @Test
  void nobodyIsFollowedBeforeTheElectionKnowsTheNumberOfTheData() {
    for (var instance : INSTANCES) {
      for (var lease : LEASES) {
        var view = view(instance, lease, HELD);
        view.numbered = false;
        var decision = HaPolicy.decide(view.build());
        var follows =
            decision instanceof Decision.Follow
                || (decision instanceof Decision.StartStandby(var upstream, _)
                    && upstream.isPresent());
        assertThat(follows).as("%s %s", instance, lease).isFalse();
      }
    }
  }

  private static ViewBuilder fenced(Instance instance, LeaseView lease) {
    var view = view(instance, lease, HELD);
    view.orders = FENCE;
    return view;
  }

  private static void whileFenced(Predicate<HaView> rule) {
    for (var instance : INSTANCES) {
      for (var lease : LEASES) {
        for (var fence : List.of(new Fence.None(), HELD)) {
          for (var seal : Seal.values()) {
            var view = view(instance, lease, fence);
            view.orders = FENCE;
            view.sealed = seal;
            everyMood(view, rule);
          }
        }
      }
    }
  }

  private interface Each {
    void check(Instance instance, Seal seal, Optional<Operation> busy);
  }

  private static void everySeal(Each each) {
    for (var instance : INSTANCES) {
      for (var seal : Seal.values()) {
        each.check(instance, seal, Optional.empty());
        for (var operation : Operation.values()) {
          each.check(instance, seal, Optional.of(operation));
        }
      }
    }
  }
}
