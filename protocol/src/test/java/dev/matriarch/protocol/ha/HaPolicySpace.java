package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
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

/** All that can be true of an agent's view, and a way to make one. */
abstract class HaPolicySpace {
  static final NodeId ME = new NodeId("a");
  static final NodeId OTHER = new NodeId("b");
  static final String OURS = "7000000000000000001";
  static final String FOREIGN = "7000000000000000002";
  static final int TIMELINE = 3;
  static final Duration PATIENCE = Duration.ofSeconds(3);
  static final HaView.Patience PATIENT =
      new HaView.Patience(PATIENCE, PATIENCE, Optional.of(PATIENCE));
  static final Fence HELD = new Fence.Deadline(Duration.ofSeconds(4));
  static final Fence PAST = new Fence.Deadline(Duration.ZERO);

  static final Decision RESTART =
      new Decision.Stop(false, "its replay has stopped until it is started with larger limits");

  static final List<Instance> INSTANCES = instances();
  static final List<LeaseView> LEASES =
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
  static final List<Fence> FENCES = List.of(new Fence.None(), new Fence.Open(), HELD, PAST);

  // --- the whole space
  // ------------------------------------------------------------------------------

  static void everywhere(Predicate<HaView> rule) {
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

  static int everyMood(ViewBuilder view, Predicate<HaView> rule) {
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
              for (var unfounded : List.of(true, false)) {
                view.unfounded = unfounded;
                view.busy = operation;
                view.rejoin = judgement;
                view.leaderReady = ready;
                view.leaderAddressed = addressed;
                view.stopping = stopping;
                var made = view.build();
                if (!rule.test(made)) {
                  fail("%s -> %s".formatted(made, HaPolicy.decide(made)));
                }
                checked++;
              }
            }
          }
        }
      }
    }
    return checked;
  }

  static boolean becomesPrimary(Decision decision) {
    return decision instanceof Decision.Promote
        || decision instanceof Decision.StartPrimary
        || decision instanceof Decision.Initialise;
  }

  static boolean stops(Decision decision) {
    return decision instanceof Decision.Stop;
  }

  static boolean touchesData(Decision decision) {
    return becomesPrimary(decision)
        || decision instanceof Decision.Clone
        || decision instanceof Decision.Rewind
        || decision instanceof Decision.RecoverCrash
        || decision instanceof Decision.StartStandby;
  }

  static boolean isPrimary(Instance instance) {
    return switch (instance) {
      case Instance.Primary _, Instance.Promoting _ -> true;
      case Instance.Starting(_, var asPrimary) -> asPrimary;
      case Instance.Silent(_, var primary, _) -> primary;
      case Instance.Unseen _,
          Instance.Absent _,
          Instance.Empty _,
          Instance.Unusable _,
          Instance.Stopped _,
          Instance.Killed _,
          Instance.Standby _ ->
          false;
    };
  }

  static boolean runsWithinItsFence(HaView view) {
    return !(view.lease() instanceof LeaseView.Theirs && view.busy().isEmpty())
        && view.fence() instanceof Fence.Deadline(var left)
        && left.isPositive();
  }

  static boolean isOfNoClusterYet(HaView view) {
    return (view.lease() instanceof LeaseView.Vacant || view.lease() instanceof LeaseView.Theirs)
        && view.lease().known().flatMap(ClusterRecord::systemIdentifier).isEmpty()
        && !(view.fence() instanceof Fence.Deadline);
  }

  static boolean isForeign(HaView view) {
    return view.lease().known().flatMap(ClusterRecord::systemIdentifier).isPresent()
        && view.instance().dataOf().filter(FOREIGN::equals).isPresent();
  }

  static List<Instance> instances() {
    var all = new ArrayList<Instance>();
    all.add(new Instance.Unseen());
    all.add(new Instance.Absent());
    all.add(new Instance.Empty(false));
    all.add(new Instance.Empty(true));
    all.add(new Instance.Unusable("cannot be read"));
    all.add(new Instance.Killed());
    all.add(new Instance.Promoting(TIMELINE));
    for (var id : List.of(Optional.<String>empty(), Optional.of(OURS), Optional.of(FOREIGN))) {
      for (var primary : List.of(true, false)) {
        all.add(new Instance.Starting(id, primary));
        all.add(new Instance.Silent(id, primary, Duration.ZERO));
        all.add(new Instance.Silent(id, primary, PATIENCE));
      }
    }
    for (var id : List.of(OURS, FOREIGN)) {
      for (var timeline : List.of(TIMELINE - 1, TIMELINE, TIMELINE + 1)) {
        for (var shutdown : Shutdown.values()) {
          all.add(new Instance.Stopped(id, timeline, shutdown));
        }
        var position = new Position(timeline, new Lsn(7));
        all.add(new Instance.Primary(id, position));
        for (var upstream : List.of(Optional.<NodeId>empty(), Optional.of(OTHER))) {
          all.add(standby(id, position, upstream, Duration.ZERO));
          all.add(standby(id, position, upstream, PATIENCE));
        }
      }
    }
    return List.copyOf(all);
  }

  static Instance.Standby standby(
      String id, Position position, Optional<NodeId> upstream, Duration notStreaming) {
    return new Instance.Standby(id, position, true, upstream, Optional.empty(), notStreaming);
  }

  static Decision decide(Instance instance, LeaseView lease) {
    return HaPolicy.decide(view(instance, lease, HELD).build());
  }

  static LeaseView mine(Optional<String> identifier) {
    return new LeaseView.Mine(
        new Ballot(5, ME, StoreId.UNKNOWN), Duration.ofSeconds(9), record(identifier));
  }

  static ClusterRecord record(Optional<String> identifier) {
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

  static ViewBuilder view(Instance instance, LeaseView lease, Fence fence) {
    return new ViewBuilder(instance, lease, fence);
  }

  static final class ViewBuilder {
    final Instance instance;
    final LeaseView lease;
    final Fence fence;
    Orders orders = Orders.NONE;
    HaView.Seal sealed = HaView.Seal.OPEN;
    boolean numbered = true;
    Optional<Operation> busy = Optional.empty();
    Set<Operation> resting = Set.of();
    boolean leaderReady = true;
    boolean leaderAddressed = true;
    Optional<Rejoin> rejoin = Optional.empty();
    int crashes;
    boolean tooSmall;
    boolean unfounded;
    Optional<String> obstacle = Optional.empty();
    Optional<Duration> ending = Optional.empty();
    boolean stopping;
    Optional<NodeId> handover = Optional.empty();
    WritePathRules.Verdict writePath = new WritePathRules.Verdict.Fine();

    ViewBuilder(Instance instance, LeaseView lease, Fence fence) {
      this.instance = instance;
      this.lease = lease;
      this.fence = fence;
    }

    ViewBuilder stopping() {
      stopping = true;
      return this;
    }

    ViewBuilder handingOverTo(NodeId successor) {
      handover = Optional.of(successor);
      return this;
    }

    ViewBuilder writing(WritePathRules.Verdict verdict) {
      writePath = verdict;
      return this;
    }

    ViewBuilder obstructedBy(String why) {
      obstacle = Optional.of(why);
      return this;
    }

    ViewBuilder endingFor(Duration lasting) {
      ending = Optional.of(lasting);
      return this;
    }

    ViewBuilder resting(Operation operation) {
      resting = Set.of(operation);
      return this;
    }

    HaView build() {
      return new HaView(
          ME,
          instance,
          lease,
          fence,
          orders,
          sealed,
          numbered,
          busy,
          resting,
          leaderReady,
          leaderAddressed,
          rejoin,
          crashes,
          tooSmall,
          unfounded,
          obstacle,
          ending,
          stopping,
          Optional.empty(),
          handover,
          writePath,
          PATIENT);
    }
  }
}
