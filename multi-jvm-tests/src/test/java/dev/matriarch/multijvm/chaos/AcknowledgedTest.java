package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.history.Kind;
import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcknowledgedTest {
  private static Operation done(long invoked, long completed) {
    return new Operation(
        "writer",
        new Kind.Insert(invoked),
        "node1",
        invoked,
        completed,
        new Outcome.Ok(new Value.Stored(1, 0)));
  }

  private static Operation failed(long invoked, long completed) {
    return new Operation(
        "writer",
        new Kind.Insert(invoked),
        "node1",
        invoked,
        completed,
        new Outcome.Failed("down"));
  }

  @Test
  void aWriteThatWasUnderWayAtTheMomentDoesNotCountAsFirst() {
    assertThat(Acknowledged.firstAfter(List.of(done(5, 15), done(12, 20), done(11, 30)), 10))
        .contains(20L);
  }

  @Test
  void aFailureIsNoAcknowledgement() {
    var history = List.of(failed(12, 13));
    assertThat(Acknowledged.firstAfter(history, 10)).isEmpty();
    assertThat(Acknowledged.longestGap(history, 10, 20)).isEqualTo(Duration.ofNanos(10));
  }

  @Test
  void theLongestGapMayBeAtEitherEnd() {
    var history = List.of(done(1, 40), done(1, 60));
    assertThat(Acknowledged.longestGap(history, 0, 70)).isEqualTo(Duration.ofNanos(40));
    assertThat(Acknowledged.longestGap(history, 35, 100)).isEqualTo(Duration.ofNanos(40));
    assertThat(Acknowledged.longestGap(history, 35, 70)).isEqualTo(Duration.ofNanos(20));
  }
}
