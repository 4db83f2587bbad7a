package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.history.Kind;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CounterCheckTest {
  private static Script end(Script script, int timeline, long counter) {
    return script.end("node1", timeline, Set.of(), Map.of(), counter);
  }

  @Test
  void unknownIncrementsCountOrNot() {
    var script =
        new Script()
            .increment("node1", 1, 0, 1, 1)
            .unknown("node1", 2, 3, new Kind.Increment())
            .unknown("node1", 2, 3, new Kind.Increment())
            .increment("node1", 1, 4, 5, 3);
    assertThat(end(script, 1, 4).broken()).isEmpty();
  }

  @Test
  void anIncrementThatIsCountedTwiceIsFound() {
    var script = new Script().increment("node1", 1, 0, 3, 1).increment("node2", 1, 1, 4, 1);
    assertThat(CounterCheck.of(script.evidence()))
        .extracting(Violation::rule)
        .containsExactly(Rule.COUNTER_COUNTS);
  }

  @Test
  void aLaterIncrementWithALowerCountIsFound() {
    var script =
        new Script()
            .increment("node1", 1, 0, 1, 2)
            .unknown("node1", 0, 1, new Kind.Increment())
            .increment("node1", 1, 4, 5, 1);
    assertThat(script.broken()).containsExactly(Rule.COUNTER_COUNTS);
  }

  @Test
  void incrementsThatOverlapMayBeCountedInEitherOrder() {
    var script = new Script().increment("node1", 1, 0, 5, 2).increment("node1", 1, 1, 3, 1);
    assertThat(end(script, 1, 2).broken()).isEmpty();
  }

  @Test
  void anIncrementThatIsLostAtTheEndIsFound() {
    var script = new Script().increment("node1", 1, 0, 1, 1).increment("node1", 1, 2, 3, 2);
    assertThat(end(script, 1, 1).broken()).containsExactly(Rule.ACKNOWLEDGED_IS_KEPT);
  }

  @Test
  void moreThanWasCountedIsFound() {
    var script =
        new Script().increment("node1", 1, 0, 1, 1).failed("node1", 2, 3, new Kind.Increment());
    assertThat(end(script, 1, 2).broken()).containsExactly(Rule.NOTHING_INVENTED);
  }

  @Test
  void aFailOverInAsynchronousModeMayCountAgain() {
    var script =
        new Script()
            .increment("node1", 1, 0, 1, 1)
            .increment("node1", 1, 2, 3, 2)
            .increment("node2", 2, 4, 5, 2);
    assertThat(end(script, 2, 2).broken(Mode.ASYNCHRONOUS)).isEmpty();
    assertThat(script.broken()).containsExactly(Rule.COUNTER_COUNTS);
  }
}
