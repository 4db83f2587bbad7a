package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.persistence.VoterStore;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionTiming;
import dev.matriarch.protocol.election.Founding;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.Outlook;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Failover;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The shell of the election: what it does in which order. What it decides is not asked here. */
class ElectionTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final StoreId STORE = new StoreId("store-of-a");
  private static final Ballot OTHERS = new Ballot(5, B, new StoreId("store-of-b"));
  private static final Outlook VACANT = outlook(new LeaseView.Vacant(Optional.empty()));
  private static final Duration TICK = Duration.ofMillis(50);
  private ActorTestKit kit;
  private ManualTime time;
  private TestProbe<VoterStore.Command> store;
  private TestProbe<Outlook> watcher;
  private TestProbe<Failover> winnings;
  private TestProbe<Election.Command> b;
  private TestProbe<Election.Command> c;
  private TestProbe<Effect.Verdict> verdicts;

  @BeforeEach
  void start() {
    kit = TestSystem.withManualTime();
    time = ManualTime.get(kit.system());
    store = kit.createTestProbe();
    watcher = kit.createTestProbe();
    winnings = kit.createTestProbe();
    b = kit.createTestProbe();
    c = kit.createTestProbe();
    verdicts = kit.createTestProbe();
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void nobodyHearsOfAPromiseBeforeItIsOnDisk() {
    var election = loaded(List.of(A, B, C));
    election.tell(prepare(OTHERS));
    var save = save();
    assertThat(save.state().promised()).isEqualTo(OTHERS);
    b.expectNoMessage(Duration.ZERO);
    saved(save);
    var promise = (ElectionMessage.Promise) delivered(b);
    assertThat(promise.ballot()).isEqualTo(OTHERS);
    assertThat(promise.store()).isEqualTo(STORE);
  }

  @Test
  void mailWaitsForTheDiskInItsOrder() {
    var election = loaded(List.of(A, B, C));
    election.tell(prepare(OTHERS));
    var first = save();
    var higher = new Ballot(6, C, new StoreId("store-of-c"));
    election.tell(prepare(higher));
    election.tell(prepare(new Ballot(4, B, OTHERS.store())));
    store.expectNoMessage(Duration.ZERO);
    saved(first);
    assertThat(delivered(b)).isInstanceOf(ElectionMessage.Promise.class);
    var second = save();
    assertThat(second.state().promised()).isEqualTo(higher);
    c.expectNoMessage(Duration.ZERO);
    saved(second);
    assertThat(delivered(c)).isInstanceOf(ElectionMessage.Promise.class);
    assertThat(delivered(b)).isInstanceOf(ElectionMessage.Refused.class);
  }

  @Test
  void aFailedDiskEndsTheVoteAndSaysSo() {
    var election = loaded(List.of(A, B, C));
    watcher.expectMessage(VACANT);
    election.tell(prepare(OTHERS));
    var save = save();
    election.tell(new Election.Change(new RecordChange.Identify("7"), verdicts.ref()));
    save.replyTo().tell(new VoterStore.Broken("no space left"));
    watcher.expectMessage(outlook(new LeaseView.Mute(Optional.empty())));
    election.tell(prepare(new Ballot(9, B, OTHERS.store())));
    election.tell(new Election.Change(new RecordChange.Identify("7"), verdicts.ref()));
    assertThat(verdicts.receiveMessage()).isInstanceOf(Effect.Verdict.Unknown.class);
    store.expectNoMessage(Duration.ZERO);
    b.expectNoMessage(Duration.ZERO);
  }

  @Test
  void whoWaitsForAnAnswerGetsOneFromAFailedDisk() {
    var election = loaded(List.of(A, B, C));
    election.tell(new Election.Change(new RecordChange.Identify("7"), verdicts.ref()));
    // With nobody leading, this node stands to make the change itself.
    save().replyTo().tell(new VoterStore.Broken("no space left"));
    assertThat(verdicts.receiveMessage()).isInstanceOf(Effect.Verdict.Unknown.class);
  }

  @Test
  void aStoreThatCannotBeReadIsToldAtOnce() {
    var election = spawn(List.of(A, B, C));
    load().replyTo().tell(new VoterStore.Broken("damaged"));
    watcher.expectMessage(outlook(new LeaseView.Mute(Optional.empty())));
    election.tell(prepare(OTHERS));
    b.expectNoMessage(Duration.ZERO);
  }

  @Test
  void whatTheNodeSaysOfItselfFindsRoomAlsoWhenTheDiskIsSlow() {
    var election = loaded(List.of(A, B, C));
    election.tell(prepare(OTHERS));
    var save = save();
    for (var i = 0; i < 2_000; i++) {
      election.tell(prepare(new Ballot(1, B, OTHERS.store())));
    }
    election.tell(new Election.Change(new RecordChange.Identify("7"), verdicts.ref()));
    saved(save);
    save().replyTo().tell(new VoterStore.Broken("the test is over"));
    assertThat(verdicts.receiveMessage()).isInstanceOf(Effect.Verdict.Unknown.class);
  }

  @Test
  void theWatcherIsToldOfChangesOnly() {
    loaded(List.of(A, B, C));
    watcher.expectMessage(VACANT);
    for (var i = 0; i < 5; i++) {
      time.timePasses(TICK);
    }
    watcher.expectNoMessage(Duration.ZERO);
  }

  private static Outlook outlook(LeaseView lease) {
    return new Outlook(lease, Orders.NONE, Optional.empty(), Set.of(), false);
  }

  private ActorRef<Election.Command> loaded(Collection<NodeId> members) {
    var election = spawn(members);
    load().replyTo().tell(new VoterStore.Loaded(VoterState.fresh(A, STORE, 1)));
    return election;
  }

  private ActorRef<Election.Command> spawn(Collection<NodeId> members) {
    var machine =
        new ElectionMachine(
            A, new TreeSet<>(members), ElectionTiming.DEFAULT, new Founding(5_000, Map.of()));
    return kit.spawn(
        Election.create(
            machine,
            store.ref(),
            Peers.of(Map.of(B, b.ref(), C, c.ref())),
            watcher.ref(),
            winnings.ref()));
  }

  private VoterStore.Load load() {
    return store.expectMessageClass(VoterStore.Load.class);
  }

  private VoterStore.Save save() {
    return store.expectMessageClass(VoterStore.Save.class);
  }

  private static void saved(VoterStore.Save save) {
    save.replyTo().tell(new VoterStore.Saved(save.state()));
  }

  private static Election.Deliver prepare(Ballot ballot) {
    return new Election.Deliver(new ElectionMessage.Prepare(ballot, Optional.empty(), false));
  }

  private static ElectionMessage delivered(TestProbe<Election.Command> probe) {
    return probe.expectMessageClass(Election.Deliver.class).message();
  }
}
