package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.ha.HaView.Fence;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** The rules that no row of the policy may break, over the whole space. */
class HaPolicyRulesTest extends HaPolicySpace {
  @Test
  void onlyTheHolderOfTheLeaseBecomesPrimary() {
    everywhere(
        view -> !becomesPrimary(HaPolicy.decide(view)) || view.lease() instanceof LeaseView.Mine);
  }

  @Test
  void noPromotionWithoutTheGuardiansLeave() {
    everywhere(view ->
        !(HaPolicy.decide(view) instanceof Decision.Promote)
            || (view.fence() instanceof Fence.Deadline(var left)
                && left.compareTo(HaPolicy.PROMOTION_NEEDS) >= 0));
  }

  @Test
  void nobodyBeginsToLeadWhoMustNot() {
    for (var lease : LEASES) {
      for (var instance : INSTANCES) {
        everyMood(
            view(instance, lease, HELD).obstructedBy("no watchdog"),
            it -> !becomesPrimary(HaPolicy.decide(it)));
      }
    }
  }

  @Test
  void whatWasKilledAndIsStillThereIsNotTouched() {
    for (var lease : LEASES) {
      everyMood(
          view(new Instance.Killed(), lease, HELD),
          it ->
              it.busy().isPresent()
                  || (lease instanceof LeaseView.Mine
                      ? HaPolicy.decide(it) instanceof Decision.GiveUp
                      : HaPolicy.decide(it) instanceof Decision.Stay));
    }
  }

  @Test
  void aPrimaryWithoutALeaseStops() {
    everywhere(view ->
        !isPrimary(view.instance())
            || view.lease() instanceof LeaseView.Mine
            || stops(HaPolicy.decide(view))
            || view.busy().isPresent()
            || runsWithinItsFence(view)
            || isOfNoClusterYet(view)
            || isForeign(view)
            || view.lease() instanceof LeaseView.Loading);
  }

  @Test
  void aPrimaryStopsAtOnceWhereAnotherLeads() {
    everywhere(view ->
        !isPrimary(view.instance())
            || !(view.lease() instanceof LeaseView.Theirs)
            || view.busy().isPresent()
            || isOfNoClusterYet(view)
            || isForeign(view)
            || stops(HaPolicy.decide(view)));
  }

  @Test
  void whoeverIsMakingAPrimaryStopsOnceLeaseAndFenceAreGone() {
    everywhere(view ->
        view.busy()
                .filter(
                    EnumSet.of(Operation.PROMOTE, Operation.START_PRIMARY, Operation.INITIALISE)
                        ::contains)
                .isEmpty()
            || view.lease() instanceof LeaseView.Mine
            || runsWithinItsFence(view)
            || (HaPolicy.decide(view) instanceof Decision.Stop(var immediate, _) && immediate));
  }

  @Test
  void dataOfAnotherClusterAreLeftAlone() {
    everywhere(view ->
        !isForeign(view)
            || view.busy().isPresent()
            || HaPolicy.decide(view) instanceof Decision.Stay
            || HaPolicy.decide(view) instanceof Decision.GiveUp);
  }

  @Test
  void dataThatMayBeAnotherClustersAreNotStarted() {
    everywhere(view ->
        view.unfounded()
            || view.lease().known().flatMap(ClusterRecord::systemIdentifier).isPresent()
            || view.lease() instanceof LeaseView.Mine
            || !touchesData(HaPolicy.decide(view)));
  }

  @Test
  void theLeaseIsGivenUpOnlyWhilePostgresIsNotPrimary() {
    everywhere(view ->
        !(HaPolicy.decide(view) instanceof Decision.GiveUp)
            || (view.lease() instanceof LeaseView.Mine
                && (!isPrimary(view.instance()) || isForeign(view))));
  }

  @Test
  void dataAreReplacedOnlyBehindALeaderThatIsReady() {
    everywhere(view ->
        switch (HaPolicy.decide(view)) {
          case Decision.Clone _, Decision.Rewind _ ->
              view.leaderReady() && view.lease() instanceof LeaseView.Theirs;
          case Decision.Initialise _ ->
              view.instance() instanceof Instance.Empty
                  && view.lease().known().flatMap(ClusterRecord::systemIdentifier).isEmpty();
          case Decision.Stay _,
              Decision.Identify _,
              Decision.StartPrimary _,
              Decision.StartStandby _,
              Decision.Promote _,
              Decision.Follow _,
              Decision.Stop _,
              Decision.RecoverCrash _,
              Decision.Judge _,
              Decision.Fence _,
              Decision.Fetch _,
              Decision.TakeIncarnation _,
              Decision.Resign _,
              Decision.GiveUp _ ->
              true;
        });
  }

  @Test
  void oneOperationAtATime() {
    everywhere(view ->
        view.busy().isEmpty()
            || switch (HaPolicy.decide(view)) {
              case Decision.Stay _, Decision.Stop _ -> true;
              case Decision.Initialise _,
                  Decision.Identify _,
                  Decision.StartPrimary _,
                  Decision.StartStandby _,
                  Decision.Promote _,
                  Decision.Follow _,
                  Decision.RecoverCrash _,
                  Decision.Judge _,
                  Decision.Rewind _,
                  Decision.Clone _,
                  Decision.Fence _,
                  Decision.Fetch _,
                  Decision.TakeIncarnation _,
                  Decision.Resign _,
                  Decision.GiveUp _ ->
                  false;
            });
  }

  @Test
  void everyDecisionSaysWhy() {
    everywhere(view -> !HaPolicy.decide(view).because().isBlank());
  }

  @Test
  void nobodyIsFollowedWhoseAddressIsNotKnown() {
    everywhere(view -> {
      var decision = HaPolicy.decide(view);
      var follows =
          decision instanceof Decision.Follow
              || (decision instanceof Decision.StartStandby(var upstream, _)
                  && upstream.isPresent());
      return !follows || view.leaderAddressed();
    });
  }
}
