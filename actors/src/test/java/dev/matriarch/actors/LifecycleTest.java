package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.protocol.ha.Operation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private ActorTestKit kit;
  private TestProbe<OperationResult> results;

  @BeforeEach
  void start() {
    kit = TestSystem.create();
    results = kit.createTestProbe();
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void theResultIsToldAndTheActorIsGone() {
    var done = OperationResult.of(Operation.CLONE, new Outcome.Done("copied"));
    var lifecycle = spawn(() -> done);
    results.expectMessage(done);
    results.expectTerminated(lifecycle);
  }

  @Test
  void anExceptionIsAResult() {
    var lifecycle =
        spawn(() -> {
          throw new IllegalStateException("a bug");
        });
    assertThat(results.receiveMessage().outcome())
        .isEqualTo(new Outcome.Failed("unexpected: java.lang.IllegalStateException: a bug"));
    results.expectTerminated(lifecycle);
  }

  @Test
  void anErrorIsAResultToo() {
    spawn(() -> {
      throw new StackOverflowError();
    });
    assertThat(results.receiveMessage().outcome()).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void cancellingInterruptsTheWork() throws Exception {
    var begun = new CountDownLatch(1);
    var lifecycle = spawn(() -> interruptible(begun, new CountDownLatch(1)));
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    lifecycle.tell(new Lifecycle.Cancel());
    assertThat(results.receiveMessage().outcome()).isEqualTo(new Outcome.Failed("cancelled"));
  }

  @Test
  void theEndOfTheSystemWaitsUntilTheWorkHasCleanedUp() throws Exception {
    var begun = new CountDownLatch(1);
    var cleanedUp = new CountDownLatch(1);
    spawn(() -> interruptible(begun, cleanedUp));
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    kit.shutdownTestKit();
    assertThat(cleanedUp.getCount()).isZero();
  }

  private static OperationResult interruptible(CountDownLatch begun, CountDownLatch cleanedUp) {
    begun.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      cleanedUp.countDown();
    }
    return OperationResult.of(Operation.CLONE, new Outcome.Failed("cancelled"));
  }

  private ActorRef<Lifecycle.Command> spawn(Supplier<OperationResult> work) {
    return kit.spawn(
        Lifecycle.create(
            Operation.CLONE,
            work,
            failure -> OperationResult.broken(Operation.CLONE, failure),
            results.ref()));
  }
}
