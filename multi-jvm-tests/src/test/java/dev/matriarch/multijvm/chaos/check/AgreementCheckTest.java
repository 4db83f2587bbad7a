package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AgreementCheckTest {
  /** With all that the others may have. */
  private static Script script() {
    return new Script()
        .unknown("node1", 0, 1, new Kind.Insert(1))
        .unknown("node1", 0, 1, new Kind.RegisterWrite(3, 9))
        .unknown("node1", 0, 1, new Kind.Increment())
        .endRows("node1", 2);
  }

  private static void assertDiffers(Script script, String... words) {
    assertThat(script.judge(Mode.ASYNCHRONOUS).violations())
        .singleElement()
        .satisfies(it -> assertThat(it.rule()).isEqualTo(Rule.NODES_AGREE))
        .asString()
        .contains(words);
  }

  @Test
  void nodesThatHaveTheSameAgree() {
    assertThat(script().endRows("node2", 2).endRows("node3", 2).broken()).isEmpty();
  }

  @Test
  void aRowThatOneNodeHasAloneIsFound() {
    assertDiffers(script().endRows("node2", 2, 1L), "node1 and node2", "only node2 has rows 1");
  }

  @Test
  void aRegisterThatDiffersIsFound() {
    assertDiffers(script().end("node2", 2, Set.of(), Map.of(3, 9L), 0), "register 3 is 0 and 9");
  }

  @Test
  void aCounterThatDiffersIsFound() {
    assertDiffers(script().end("node2", 2, Set.of(), Map.of(), 1), "counters 0 and 1");
  }

  @Test
  void anAccountThatDiffersIsFound() {
    var balances = List.of(99L, 101L, 100L, 100L, 100L, 100L, 100L, 100L);
    var state = new FinalState("node2", 2, new TreeSet<>(), new TreeMap<>(), balances, 0);
    assertDiffers(script().end(state), "accounts [100");
  }

  @Test
  void aNodeThatStayedOnAnOldTimelineIsFound() {
    assertDiffers(script().endRows("node2", 1), "timelines 2 and 1");
  }
}
