package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.Candidacy;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.Founding;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.sync.SyncSetting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Rules whose absence needs more bad luck than walks have, seen from the node that breaks them:
 * with the rule it does not do what it does without.
 */
class MutationSceneTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final long TTL_MS = 10_000;
  private static final Position HELD = new Position(3, new Lsn(100));
  private static final Position BEHIND = new Position(3, new Lsn(90));

  /** One voter, a standby of {@code b} that has not heard of it for long. */
  private static final class Scene {
    private final Rules rules;
    private final VersionedRecord record;
    private ElectionState state;
    private Duration now = Duration.ofHours(1);
    private Step last;

    Scene(Mutation mutation) {
      this(mutation, record());
    }

    Scene(Mutation mutation, VersionedRecord record) {
      this.record = record;
      var members = new TreeSet<>(List.of(A, B, C));
      var founding = new Founding(TTL_MS, Map.of());
      var machine = new ElectionMachine(A, members, ElectionTiming.DEFAULT, founding);
      rules = mutation == Mutation.NONE ? Rules.of(machine) : new MutantRules(machine, mutation);
      var stored = VoterState.fresh(A, store(A), 1);
      state = rules.booted(stored.accepting(record), now);
      last = new Step(state, Optional.empty(), List.of());
      now = now.plusSeconds(60);
      reports(Optional.empty());
    }

    Scene asks(Ballot ballot) {
      return takes(new ElectionMessage.Prepare(ballot, Optional.empty(), true));
    }

    Scene hearsItsLeader() {
      var version = new Version(ballot(5, B), 1);
      return takes(new ElectionMessage.Beat(B, version, 1, TTL_MS, Optional.of(HELD), true));
    }

    private Scene takes(ElectionMessage message) {
      return takes(new Input.Received(now, message, Duration.ZERO));
    }

    Scene reports(Optional<Ballot> fencedFor) {
      return reports(fencedFor, HELD);
    }

    Scene reports(Optional<Ballot> fencedFor, Position position) {
      var replication =
          new Local.Replication(
              Optional.of(1L), fencedFor, Optional.empty(), false, Set.of(), Optional.empty());
      var local =
          new Local(
              true,
              Optional.of(true),
              Optional.empty(),
              Optional.of(position),
              Optional.of("7001"),
              1,
              0,
              replication);
      return takes(new Input.LocalChanged(now, local));
    }

    Scene losesItsLeader() {
      now = now.plusSeconds(10);
      return takes(new Input.Tick(now, Duration.ZERO));
    }

    private Scene takes(Input input) {
      var step = rules.step(state, input);
      state = step.state();
      last = step;
      return this;
    }

    /** It loses its leader, as c has, and stands; its own promise and the fence are there. */
    Ballot stands() {
      for (var i = 0; i < 100 && !(state.standing() instanceof Standing.Preparing); i++) {
        now = now.plusMillis(50);
        takes(new Input.Tick(now, Duration.ZERO));
        if (state.standing() instanceof Standing.Canvassing canvassing) {
          var c = new Candidacy(C, true, Optional.of(true), false, Optional.of(BEHIND), 1, false);
          takes(new ElectionMessage.Opinion(C, canvassing.round(), true, 5, c));
        }
      }
      var ballot = ((Standing.Preparing) state.standing()).ballot();
      reports(Optional.of(ballot));
      return ballot;
    }

    Scene isPromised(Ballot ballot, Incarnation by) {
      return isPromised(ballot, by, true);
    }

    Scene isPromised(Ballot ballot, Incarnation by, boolean fenced) {
      return isPromised(ballot, by, fenced, BEHIND);
    }

    Scene isPromised(Ballot ballot, Incarnation by, boolean fenced, Position position) {
      return takes(
          new ElectionMessage.Promise(
              by.node(),
              store(by.node()),
              ballot,
              by,
              Optional.of(record),
              Optional.of(position),
              true,
              fenced));
    }

    boolean sends(Predicate<ElectionMessage> what) {
      return last.effects().stream()
          .anyMatch(it -> it instanceof Effect.Send(_, var message) && what.test(message));
    }

    boolean promisesFenced() {
      return sends(it -> it instanceof ElectionMessage.Promise promise && promise.fenced());
    }
  }

  @Test
  void aFenceForAnotherBallotIsNone() {
    assertThat(isPromisedWithTheFenceOfAnother(Mutation.NONE)).isFalse();
    assertThat(isPromisedWithTheFenceOfAnother(Mutation.FENCE_OF_ANOTHER_BALLOT)).isTrue();
  }

  private static boolean isPromisedWithTheFenceOfAnother(Mutation mutation) {
    var scene = new Scene(mutation).asks(ballot(7, C));
    return scene.reports(Optional.of(ballot(6, B))).promisesFenced();
  }

  @Test
  void aFenceThatWasTakenBackIsNone() {
    assertThat(isPromisedWithAFenceOfBefore(Mutation.NONE)).isFalse();
    assertThat(isPromisedWithAFenceOfBefore(Mutation.FENCE_THAT_WAS_TAKEN_BACK)).isTrue();
  }

  private static boolean isPromisedWithAFenceOfBefore(Mutation mutation) {
    var ballot = ballot(6, C);
    var scene = new Scene(mutation).asks(ballot).hearsItsLeader();
    assertThat(scene.rules.orders(scene.state, scene.now).fenceFor()).isEmpty();
    scene.reports(Optional.of(ballot)); // it was on its way
    return scene.losesItsLeader().asks(ballot).promisesFenced();
  }

  @Test
  void whoHasPromisedANewerBallotGrantsNothing() {
    assertThat(isGrantedBelowThePromise(Mutation.NONE)).isFalse();
    assertThat(isGrantedBelowThePromise(Mutation.GRANTS_DESPITE_A_NEWER_PROMISE)).isTrue();
  }

  private static boolean isGrantedBelowThePromise(Mutation mutation) {
    var scene = new Scene(mutation).asks(ballot(6, C)).reports(Optional.of(ballot(6, C)));
    assertThat(scene.promisesFenced()).isTrue();
    scene.hearsItsLeader();
    var granted =
        scene.sends(it -> it instanceof ElectionMessage.Granted answer && answer.number() == 1);
    assertThat(scene.state.voter().fenced()).as("it stays fenced").isNotEqualTo(granted);
    return granted;
  }

  @Test
  void aTermIsPromisedToOneCandidate() {
    assertThat(isPromisedTwice(Mutation.NONE)).isFalse();
    assertThat(isPromisedTwice(Mutation.TERM_PROMISED_TWICE)).isTrue();
  }

  private static boolean isPromisedTwice(Mutation mutation) {
    var scene = new Scene(mutation).asks(ballot(6, B)).reports(Optional.of(ballot(6, B)));
    assertThat(scene.promisesFenced()).isTrue();
    var other = ballot(6, C);
    return scene.asks(other).reports(Optional.of(other)).promisesFenced();
  }

  @Test
  void whoeverLeavesAcknowledgesNothingAloneMeanwhile() {
    assertThat(isOneThatLeavesEnough(Mutation.NONE)).isFalse();
    assertThat(isOneThatLeavesEnough(Mutation.VALUES_MIXED)).isTrue();
  }

  /** Of two standbys that both had to answer one leaves; the old value names it, the new counts. */
  private static boolean isOneThatLeavesEnough(Mutation mutation) {
    var leader = new World(1, mutation, Optional.empty()).hosts().getFirst();
    var inForce = leader.postgres.replication.inForce;
    var me = new Incarnation(leader.id, 1);
    var stays = new Incarnation(B, 2);
    var leaves = new Incarnation(C, 3);
    inForce.configured(new SyncSetting.Members(new SyncSet(Set.of(me, stays, leaves), 3), false));
    inForce.set(new SyncSetting.Members(new SyncSet(Set.of(me, stays), 2), false));
    return inForce
        .waiting()
        .filter(it -> it.awaited() == 1 && it.named().contains(leaves))
        .isPresent();
  }

  @Test
  void dataThatEndBeforeWhatWasToldAreAnotherIncarnation() {
    assertThat(isTheSameMemberWithLess(Mutation.NONE)).isFalse();
    assertThat(isTheSameMemberWithLess(Mutation.SHORTER_WAL_KEEPS_ITS_NAME)).isTrue();
  }

  private static boolean isTheSameMemberWithLess(Mutation mutation) {
    var scene = new Scene(mutation).asks(ballot(6, C)).reports(Optional.of(ballot(6, C)));
    scene.reports(Optional.of(ballot(6, C)), BEHIND);
    return scene.state.voter().incarnation().equals(new Incarnation(A, 1));
  }

  @Test
  void aPromiseWithoutAFenceDoesNotCount() {
    assertThat(winsWithoutAFence(Mutation.NONE)).isFalse();
    assertThat(winsWithoutAFence(Mutation.PROMISE_WITHOUT_A_FENCE)).isTrue();
  }

  private static boolean winsWithoutAFence(Mutation mutation) {
    var scene = new Scene(mutation);
    return scene
        .isPromised(scene.stands(), new Incarnation(C, 1), false)
        .sends(ElectionMessage.Accept.class::isInstance);
  }

  @Test
  void aDirectoryThatWasMadeAnewIsNotTheMemberItReplaces() {
    var madeAnew = new Incarnation(C, 2);
    assertThat(winsWith(madeAnew, Mutation.NONE)).isFalse();
    assertThat(winsWith(madeAnew, Mutation.INCARNATION_IGNORED)).isTrue();
    assertThat(winsWith(new Incarnation(C, 1), Mutation.NONE)).isTrue();
  }

  private static boolean winsWith(Incarnation other, Mutation mutation) {
    var scene = new Scene(mutation);
    return scene.isPromised(scene.stands(), other).sends(ElectionMessage.Accept.class::isInstance);
  }

  @Test
  void walThatANewerTimelineWentOnFromCountsThoughItsNumberIsOlder() {
    assertThat(winsOverAnOlderTimeline(Mutation.NONE)).isFalse();
    assertThat(winsOverAnOlderTimeline(Mutation.OLDER_TIMELINES_IGNORED)).isTrue();
  }

  /** Timeline 3 left 2 at 50, and its leader, a, was gone when b went on from 2 at 90. */
  private static boolean winsOverAnOlderTimeline(Mutation mutation) {
    var history = List.of(entry(2, B, 10, 1), entry(3, A, 50, 2), entry(4, B, 90, 2));
    var scene = new Scene(mutation, withHistory(history));
    return scene
        .isPromised(scene.stands(), new Incarnation(C, 1), false, new Position(2, new Lsn(90)))
        .sends(ElectionMessage.Accept.class::isInstance);
  }

  private static HistoryEntry entry(int timeline, NodeId leader, long fork, int parent) {
    return new HistoryEntry(
        timeline, timeline, new Lsn(fork), leader, Optional.empty(), "", Optional.of(parent));
  }

  private static VersionedRecord withHistory(List<HistoryEntry> history) {
    var asynchronous = record().record().withSync(Optional.empty());
    return new VersionedRecord(
        record().version(), asynchronous.ledBy(5, B, 4).withHistory(history));
  }

  @Test
  void whoHasPromisedANewerBallotDoesNotBeginToLead() {
    assertThat(leadsBelowItsPromise(Mutation.NONE)).isFalse();
    assertThat(leadsBelowItsPromise(Mutation.PROMOTED_UNDER_A_NEWER_PROMISE)).isTrue();
  }

  private static boolean leadsBelowItsPromise(Mutation mutation) {
    var scene = new Scene(mutation);
    var ballot = scene.stands();
    var newer = ballot(ballot.term() + 1, C);
    scene.isPromised(ballot, new Incarnation(C, 1));
    assertThat(scene.state.standing()).isInstanceOf(Standing.Accepting.class);
    assertThat(scene.asks(newer).reports(Optional.of(newer)).promisesFenced()).isTrue();
    scene.takes(new ElectionMessage.Accepted(C, store(C), new Version(ballot, 1)));
    return scene.state.standing() instanceof Standing.Leading;
  }

  private static Ballot ballot(long term, NodeId candidate) {
    return new Ballot(term, candidate, store(candidate));
  }

  private static StoreId store(NodeId node) {
    return new StoreId(node + "-1");
  }

  private static VersionedRecord record() {
    var stores = new TreeMap<NodeId, StoreId>();
    List.of(A, B, C).forEach(it -> stores.put(it, store(it)));
    var members = Set.of(new Incarnation(A, 1), new Incarnation(B, 1), new Incarnation(C, 1));
    var record =
        new ClusterRecord(
            5,
            Optional.of(B),
            Optional.of(B),
            3,
            new Electorate(stores),
            Optional.empty(),
            Optional.of(new SyncSet(members, 2)),
            List.of(),
            TTL_MS,
            Optional.of("7001"),
            Map.of());
    return new VersionedRecord(new Version(ballot(5, B), 1), record);
  }
}
