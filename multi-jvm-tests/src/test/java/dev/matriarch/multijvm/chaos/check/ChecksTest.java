package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.history.History;
import dev.matriarch.multijvm.chaos.history.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChecksTest {
  @Test
  void nothingDoneIsNothingBroken() {
    for (var mode : Mode.values()) {
      assertThat(Checks.run(new History(), List.of(), mode)).isEmpty();
    }
  }

  @Test
  void outcomesAreCounted() {
    var verdict =
        new Script()
            .insert("node1", 1, 0, 1, 1)
            .insert("node1", 1, 2, 3, 2)
            .failed("node1", 4, 5, new Kind.Insert(3))
            .unknown("node1", 6, 7, new Kind.Insert(4))
            .endRows("node1", 1, 1L, 2L, 4L)
            .judge(Mode.ON);
    assertThat(verdict).isEqualTo(new Verdict(List.of(), 0, 2, 1, 1, Duration.ZERO));
    assertThat(verdict.isClean()).isTrue();
  }

  @Test
  void aDefectThatShowsVeryOftenIsToldAFewTimes() {
    var script = new Script();
    for (var moment = 0; moment < 500; moment++) {
      script.balances("node1", moment, moment + 1, 1L);
    }
    assertThat(script.judge(Mode.ON).violations())
        .hasSize(11)
        .last()
        .asString()
        .contains("490 more times");
  }

  @Test
  void aViolationNamesItsRuleInWords() {
    var verdict = new Script().endRows("node1", 1, 4L).judge(Mode.ON);
    assertThat(verdict.violations().getFirst())
        .hasToString(
            "what is there was written by somebody: rows on node1 that nobody has inserted: 4");
    assertThat(verdict.isClean()).isFalse();
  }
}
