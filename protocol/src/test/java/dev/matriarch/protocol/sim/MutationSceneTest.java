package dev.matriarch.protocol.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.Founding;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Rules that matter only if several reports are late at once, which walks do not meet: a promise
 * without a fence, seen from the voter that gives it.
 */
class MutationSceneTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final long TTL_MS = 10_000;
  private static final Position HELD = new Position(3, new Lsn(100));

  /** One voter, a standby of {@code b} that has not heard of it for long. */
  private static final class Scene {
    private final Rules rules;
    private ElectionState state;
    private Duration now = Duration.ofHours(1);
    private boolean promised;

    Scene(Mutation mutation) {
      var members = new TreeSet<>(List.of(A, B, C));
      var founding = new Founding(TTL_MS, Map.of());
      var machine = new ElectionMachine(A, members, ElectionTiming.DEFAULT, founding);
      rules = mutation == Mutation.NONE ? Rules.of(machine) : new MutantRules(machine, mutation);
      var stored = VoterState.fresh(A, store(A), 1);
      state = rules.booted(stored.accepting(record()), now);
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
      var replication =
          new Local.Replication(
              Optional.of(1L), fencedFor, Optional.empty(), Set.of(), Optional.empty());
      var local =
          new Local(
              true,
              Optional.of(true),
              Optional.empty(),
              Optional.of(HELD),
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
      promised =
          step.effects().stream()
              .anyMatch(it ->
                  it instanceof Effect.Send(_, ElectionMessage.Promise promise)
                      && promise.fenced());
      return this;
    }
  }

  @Test
  void aFenceForAnotherBallotIsNone() {
    assertThat(isPromisedWithTheFenceOfAnother(Mutation.NONE)).isFalse();
    assertThat(isPromisedWithTheFenceOfAnother(Mutation.FENCE_OF_ANOTHER_BALLOT)).isTrue();
  }

  private static boolean isPromisedWithTheFenceOfAnother(Mutation mutation) {
    var scene = new Scene(mutation).asks(ballot(7, C));
    return scene.reports(Optional.of(ballot(6, B))).promised;
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
    return scene.losesItsLeader().asks(ballot).promised;
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
