package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.persistence.VoterStore;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.Founding;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Outlook;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster of one node: its election leads without anybody else, on the host's clock. */
class LonelyElectionTest {
  private static final NodeId A = new NodeId("a");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private ActorTestKit kit;
  private TestProbe<Outlook> watcher;
  private TestProbe<Failover> winnings;
  private TestProbe<Effect.Verdict> verdicts;
  private ActorRef<Election.Command> election;

  @BeforeEach
  void start() {
    kit = TestSystem.create();
    watcher = kit.createTestProbe();
    verdicts = kit.createTestProbe();
    var machine =
        new ElectionMachine(
            A,
            new TreeSet<>(List.of(A)),
            ElectionTiming.DEFAULT,
            new Founding(2_000, Map.of("ttl", 2)));
    var store = kit.spawn(memory(VoterState.fresh(A, new StoreId("store-of-a"), 1)));
    winnings = kit.createTestProbe();
    election =
        kit.spawn(
            Election.create(machine, store, Peers.of(Map.of()), watcher.ref(), winnings.ref()));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void itLeadsRenewsChangesTheRecordAndGivesUp() {
    election.tell(new Election.Tell(local(Optional.empty())));
    var first = (LeaseView.Mine) await(LeaseView.Mine.class::isInstance);
    assertThat(first.record().leader()).contains(A);
    var renewed =
        (LeaseView.Mine)
            await(it ->
                it instanceof LeaseView.Mine mine && mine.until().compareTo(first.until()) > 0);
    assertThat(renewed.ballot()).isEqualTo(first.ballot());

    election.tell(new Election.Tell(local(Optional.of(1))));
    election.tell(new Election.GiveUp(Optional.empty(), Optional.empty(), Optional.empty()));
    election.tell(new Election.Change(new RecordChange.Identify("7"), verdicts.ref()));
    assertThat(verdicts.receiveMessage(PATIENCE))
        .as("the lease is kept while PostgreSQL runs as primary")
        .isInstanceOf(Effect.Verdict.Chosen.class);

    election.tell(new Election.Tell(local(Optional.empty())));
    election.tell(new Election.GiveUp(Optional.empty(), Optional.empty(), Optional.empty()));
    await(LeaseView.Vacant.class::isInstance);
    winnings.expectNoMessage(Duration.ZERO); // a new cluster is no fail-over

    var position = new Position(1, new Lsn(100));
    election.tell(
        new Election.Tell(
            new Local(
                true,
                Optional.of(true),
                Optional.empty(),
                Optional.of(position),
                Optional.of("7"),
                1,
                0,
                Local.Replication.NONE)));
    var again = winnings.receiveMessage(PATIENCE);
    assertThat(again.kind()).isEqualTo("hand-over");
    assertThat(again.timeline()).isEqualTo(2);
    assertThat(again.to()).isEqualTo(A);
    assertThat(again.phases()).containsKeys(Phase.SUSPECTED, Phase.FENCED, Phase.CHOSEN);
    assertThat(again.phases().values()).noneMatch(Duration::isNegative);
  }

  private static Local local(Optional<Integer> primaryOn) {
    return new Local(
        true,
        Optional.of(primaryOn.isPresent()),
        primaryOn,
        Optional.empty(),
        Optional.empty(),
        1,
        0,
        Local.Replication.NONE);
  }

  private LeaseView await(Predicate<LeaseView> wanted) {
    return watcher
        .fishForMessage(
            PATIENCE,
            it ->
                wanted.test(it.lease())
                    ? FishingOutcomes.complete()
                    : FishingOutcomes.continueAndIgnore())
        .getLast()
        .lease();
  }

  private static Behavior<VoterStore.Command> memory(VoterState state) {
    return Behaviors.receiveMessage(command -> {
      if (command instanceof VoterStore.Load(var replyTo)) {
        replyTo.tell(new VoterStore.Loaded(state));
      }
      if (command instanceof VoterStore.Save(var newer, var replyTo)) {
        replyTo.tell(new VoterStore.Saved(newer));
        return memory(newer);
      }
      return Behaviors.same();
    });
  }
}
