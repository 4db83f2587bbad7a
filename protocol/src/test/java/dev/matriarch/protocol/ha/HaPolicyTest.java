package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.ha.HaView.Fence;
import dev.matriarch.protocol.ha.Instance.Shutdown;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The rows of the policy that matter most by example, and the rules over all of it. */
class HaPolicyTest {
  private static final NodeId ME = new NodeId("a");
  private static final NodeId OTHER = new NodeId("b");
  private static final String OURS = "7000000000000000001";
  private static final String FOREIGN = "7000000000000000002";
  private static final int TIMELINE = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final HaView.Patience PATIENT = new HaView.Patience(PATIENCE, PATIENCE);
  private static final Fence HELD = new Fence.Deadline(Duration.ofSeconds(4));
  private static final Fence PAST = new Fence.Deadline(Duration.ZERO);

  private static final Decision RESTART =
      new Decision.Stop(false, "its replay has stopped until it is started with larger limits");

  private static final List<Instance> INSTANCES = instances();
  private static final List<LeaseView> LEASES =
      List.of(
          mine(Optional.of(OURS)),
          mine(Optional.empty()),
          new LeaseView.Theirs(OTHER, record(Optional.of(OURS))),
          new LeaseView.Theirs(OTHER, record(Optional.empty())),
          new LeaseView.Vacant(Optional.of(record(Optional.of(OURS)))),
          new LeaseView.Vacant(Optional.empty()),
          new LeaseView.Loading(),
          new LeaseView.Mute(Optional.of(record(Optional.of(OURS)))),
          new LeaseView.Mute(Optional.empty()));
  private static final List<Fence> FENCES = List.of(new Fence.None(), new Fence.Open(), HELD, PAST);

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
  void aPrimaryWithoutALeaseStops() {
    everywhere(view ->
        !isPrimary(view.instance())
            || view.lease() instanceof LeaseView.Mine
            || stops(HaPolicy.decide(view))
            || view.busy().isPresent()
            || runsWithinItsFence(view)
            || isOfNoClusterYet(view)
            || view.lease() instanceof LeaseView.Loading);
  }

  @Test
  void aPrimaryStopsAtOnceWhereAnotherLeads() {
    everywhere(view ->
        !isPrimary(view.instance())
            || !(view.lease() instanceof LeaseView.Theirs)
            || view.busy().isPresent()
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
  void aPrimaryOnAnotherTimelineThanTheRecordsDoesNotServe() {
    for (var timeline : List.of(TIMELINE - 1, TIMELINE + 1)) {
      var primary = new Instance.Primary(OURS, new Position(timeline, new Lsn(7)));
      assertThat(decide(primary, mine(Optional.of(OURS)))).isInstanceOf(Decision.Stop.class);
    }
  }

  @Test
  void dataOfAnotherClusterAreLeftAlone() {
    everywhere(view -> {
      var foreign = identifier(view.instance()).filter(FOREIGN::equals).isPresent();
      var known = view.lease().known().flatMap(ClusterRecord::systemIdentifier).isPresent();
      return !foreign || !known || !touchesData(HaPolicy.decide(view));
    });
  }

  @Test
  void theLeaseIsGivenUpOnlyWhilePostgresIsNotPrimary() {
    everywhere(view ->
        !(HaPolicy.decide(view) instanceof Decision.GiveUp)
            || (view.lease() instanceof LeaseView.Mine && !isPrimary(view.instance())));
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
                  Decision.GiveUp _ ->
                  false;
            });
  }

  @Test
  void everyDecisionSaysWhy() {
    everywhere(view -> !HaPolicy.decide(view).because().isBlank());
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
        var decision =
            HaPolicy.decide(view(instance, new LeaseView.Mute(known), new Fence.None()).build());
        assertThat(decision)
            .as("%s", instance)
            .isInstanceOf(isPrimary(instance) ? Decision.Stop.class : Decision.Stay.class);
      }
    }
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
        new Instance.Standby(
            OURS, new Position(TIMELINE - 1, new Lsn(7)), Optional.of(OTHER), Duration.ZERO);
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
  void standbyThatCannotBePromotedGivesUp() {
    var standby =
        new Instance.Standby(
            OURS, new Position(TIMELINE - 1, new Lsn(7)), Optional.empty(), Duration.ZERO);
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

  // --- the whole space
  // ------------------------------------------------------------------------------

  private static void everywhere(Predicate<HaView> rule) {
    var checked = 0;
    for (var instance : INSTANCES) {
      for (var lease : LEASES) {
        for (var fence : FENCES) {
          checked += everyMood(view(instance, lease, fence), rule);
        }
      }
    }
    assertThat(checked).isGreaterThan(50_000);
  }

  private static int everyMood(ViewBuilder view, Predicate<HaView> rule) {
    var busy = new ArrayList<Optional<Operation>>();
    busy.add(Optional.empty());
    EnumSet.allOf(Operation.class).forEach(it -> busy.add(Optional.of(it)));
    var rejoin = new ArrayList<Optional<Rejoin>>();
    rejoin.add(Optional.empty());
    EnumSet.allOf(Rejoin.class).forEach(it -> rejoin.add(Optional.of(it)));
    var checked = 0;
    for (var operation : busy) {
      for (var judgement : rejoin) {
        for (var ready : List.of(true, false)) {
          for (var stopping : List.of(true, false)) {
            for (var addressed : List.of(true, false)) {
              view.busy = operation;
              view.rejoin = judgement;
              view.leaderReady = ready;
              view.leaderAddressed = addressed;
              view.stopping = stopping;
              var made = view.build();
              assertThat(rule.test(made)).as("%s -> %s", made, HaPolicy.decide(made)).isTrue();
              checked++;
            }
          }
        }
      }
    }
    return checked;
  }

  private static boolean becomesPrimary(Decision decision) {
    return decision instanceof Decision.Promote
        || decision instanceof Decision.StartPrimary
        || decision instanceof Decision.Initialise;
  }

  private static boolean stops(Decision decision) {
    return decision instanceof Decision.Stop;
  }

  private static boolean touchesData(Decision decision) {
    return becomesPrimary(decision)
        || decision instanceof Decision.Clone
        || decision instanceof Decision.Rewind
        || decision instanceof Decision.RecoverCrash
        || decision instanceof Decision.StartStandby;
  }

  private static boolean isPrimary(Instance instance) {
    return switch (instance) {
      case Instance.Primary _, Instance.Promoting _ -> true;
      case Instance.Starting(var asPrimary) -> asPrimary;
      case Instance.Silent(var primary, _) -> primary;
      case Instance.Unseen _,
          Instance.Absent _,
          Instance.Empty _,
          Instance.Unusable _,
          Instance.Stopped _,
          Instance.Standby _ ->
          false;
    };
  }

  private static boolean runsWithinItsFence(HaView view) {
    return !(view.lease() instanceof LeaseView.Theirs && view.busy().isEmpty())
        && view.fence() instanceof Fence.Deadline(var left)
        && left.isPositive();
  }

  private static boolean isOfNoClusterYet(HaView view) {
    return view.lease().equals(new LeaseView.Vacant(Optional.empty()))
        && !(view.fence() instanceof Fence.Deadline);
  }

  private static Optional<String> identifier(Instance instance) {
    return switch (instance) {
      case Instance.Stopped(var id, _, _) -> Optional.of(id);
      case Instance.Primary(var id, _) -> Optional.of(id);
      case Instance.Standby(var id, _, _, _) -> Optional.of(id);
      case Instance.Unseen _,
          Instance.Absent _,
          Instance.Empty _,
          Instance.Unusable _,
          Instance.Starting _,
          Instance.Promoting _,
          Instance.Silent _ ->
          Optional.empty();
    };
  }

  private static List<Instance> instances() {
    var all = new ArrayList<Instance>();
    all.add(new Instance.Unseen());
    all.add(new Instance.Absent());
    all.add(new Instance.Empty(false));
    all.add(new Instance.Empty(true));
    all.add(new Instance.Unusable("cannot be read"));
    all.add(new Instance.Starting(true));
    all.add(new Instance.Starting(false));
    all.add(new Instance.Promoting(TIMELINE));
    for (var primary : List.of(true, false)) {
      all.add(new Instance.Silent(primary, Duration.ZERO));
      all.add(new Instance.Silent(primary, PATIENCE));
    }
    for (var id : List.of(OURS, FOREIGN)) {
      for (var timeline : List.of(TIMELINE - 1, TIMELINE, TIMELINE + 1)) {
        for (var shutdown : Shutdown.values()) {
          all.add(new Instance.Stopped(id, timeline, shutdown));
        }
        var position = new Position(timeline, new Lsn(7));
        all.add(new Instance.Primary(id, position));
        for (var upstream : List.of(Optional.<NodeId>empty(), Optional.of(OTHER))) {
          all.add(new Instance.Standby(id, position, upstream, Duration.ZERO));
          all.add(new Instance.Standby(id, position, upstream, PATIENCE));
        }
      }
    }
    return List.copyOf(all);
  }

  private static Decision decide(Instance instance, LeaseView lease) {
    return HaPolicy.decide(view(instance, lease, HELD).build());
  }

  private static LeaseView mine(Optional<String> identifier) {
    return new LeaseView.Mine(
        new Ballot(5, ME, StoreId.UNKNOWN), Duration.ofSeconds(9), record(identifier));
  }

  private static ClusterRecord record(Optional<String> identifier) {
    return new ClusterRecord(
        5,
        Optional.of(OTHER),
        Optional.of(OTHER),
        TIMELINE,
        new Electorate(new TreeMap<>()),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        5_000,
        identifier,
        Map.of());
  }

  private static ViewBuilder view(Instance instance, LeaseView lease, Fence fence) {
    return new ViewBuilder(instance, lease, fence);
  }

  private static final class ViewBuilder {
    final Instance instance;
    final LeaseView lease;
    final Fence fence;
    Optional<Operation> busy = Optional.empty();
    Set<Operation> resting = Set.of();
    boolean leaderReady = true;
    boolean leaderAddressed = true;
    Optional<Rejoin> rejoin = Optional.empty();
    int crashes;
    boolean tooSmall;
    boolean stopping;

    ViewBuilder(Instance instance, LeaseView lease, Fence fence) {
      this.instance = instance;
      this.lease = lease;
      this.fence = fence;
    }

    ViewBuilder stopping() {
      stopping = true;
      return this;
    }

    HaView build() {
      return new HaView(
          ME,
          instance,
          lease,
          fence,
          busy,
          resting,
          leaderReady,
          leaderAddressed,
          rejoin,
          crashes,
          tooSmall,
          stopping,
          Optional.empty(),
          PATIENT);
    }
  }
}
