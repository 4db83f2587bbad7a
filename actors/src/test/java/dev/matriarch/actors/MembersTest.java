package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MembersTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final AtomicReference<Duration> clock = new AtomicReference<>(Duration.ofHours(1));
  private ActorTestKit kit;
  private ManualTime time;
  private TestProbe<Members.Command> peer;
  private TestProbe<Members.Heard> watcher;
  private ActorRef<Members.Command> members;

  @BeforeEach
  void start() {
    kit = TestSystem.withManualTime();
    time = ManualTime.get(kit.system());
    peer = kit.createTestProbe();
    watcher = kit.createTestProbe();
    members = kit.spawn(Members.create(Peers.of(Map.of(B, peer.ref())), watcher.ref(), clock::get));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void theOwnStatusIsToldOnChangeAndEachSecond() {
    var first = Statuses.at(A, "0/1");
    members.tell(new Members.Publish(first));
    peer.expectMessage(new Members.Told(first));
    members.tell(new Members.Publish(first));
    var second = Statuses.at(A, "0/2");
    members.tell(new Members.Publish(second));
    // Nothing in between: what did not change was not told again.
    peer.expectMessage(new Members.Told(second));
    pass(SECOND);
    peer.expectMessage(new Members.Told(second));
    pass(SECOND);
    peer.expectMessage(new Members.Told(second));
  }

  @Test
  void nothingIsToldBeforeThereIsAnythingToTell() {
    pass(SECOND.multipliedBy(3));
    var status = Statuses.at(A, "0/1");
    members.tell(new Members.Publish(status));
    peer.expectMessage(new Members.Told(status));
  }

  @Test
  void theWatcherHearsOfChangesOnly() {
    var status = Statuses.at(B, "0/1");
    members.tell(new Members.Told(status));
    assertThat(watcher.receiveMessage().members()).containsOnly(Map.entry(B, status));
    members.tell(new Members.Told(status));
    var changed = Statuses.at(B, "0/2");
    members.tell(new Members.Told(changed));
    assertThat(watcher.receiveMessage().members()).containsOnly(Map.entry(B, changed));
    watcher.expectNoMessage(Duration.ZERO);
  }

  @Test
  void whoFallsSilentIsForgottenAndComesBack() {
    members.tell(new Members.Remember(SECOND.multipliedBy(3)));
    tell(Statuses.at(A, "0/1"), Statuses.at(B, "0/1"));
    passAndTell(2);
    var other = Statuses.at(B, "0/2");
    members.tell(new Members.Told(other));
    assertThat(watcher.receiveMessage().members()).containsEntry(B, other);
    passAndTell(3);
    watcher.expectNoMessage(Duration.ZERO);
    passAndTell(1);
    assertThat(watcher.receiveMessage().members()).containsOnlyKeys(A);
    members.tell(new Members.Told(other));
    assertThat(watcher.receiveMessage().members()).containsOnlyKeys(A, B);
  }

  @Test
  void aNodeNeverForgetsItself() {
    tell(Statuses.at(A, "0/1"), Statuses.at(B, "0/1"));
    passAndTell(20);
    assertThat(watcher.receiveMessage().members()).containsOnlyKeys(A);
    watcher.expectNoMessage(Duration.ZERO);
  }

  private void tell(MemberStatus mine, MemberStatus other) {
    members.tell(new Members.Publish(mine));
    members.tell(new Members.Told(other));
    assertThat(watcher.receiveMessage().members()).containsOnlyKeys(A);
    assertThat(watcher.receiveMessage().members()).containsOnlyKeys(A, B);
    peer.receiveMessage();
  }

  /** What is told each second also tells that all before has been taken in. */
  private void passAndTell(int seconds) {
    for (var i = 0; i < seconds; i++) {
      pass(SECOND);
      peer.receiveMessage();
    }
  }

  private void pass(Duration duration) {
    clock.updateAndGet(it -> it.plus(duration));
    time.timePasses(duration);
  }
}
