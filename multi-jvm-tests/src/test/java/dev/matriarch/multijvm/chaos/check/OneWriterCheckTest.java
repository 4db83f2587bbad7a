package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OneWriterCheckTest {
  @Test
  void aSuccessorThatBeginsAfterTheLastAnswerOfTheOldPrimaryIsAlone() {
    var script =
        new Script()
            .insert("node1", 1, 10, 11, 1)
            .insert("node1", 1, 20, 21, 2)
            .insert("node2", 2, 22, 30, 3)
            .insert("node1", 3, 40, 41, 4);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void anAnswerThatWasLongUnderWayProvesNothing() {
    var script =
        new Script()
            .insert("node1", 1, 10, 11, 1)
            .insert("node1", 1, 12, 90, 2)
            .insert("node2", 2, 40, 41, 3);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void anOldPrimaryThatAcknowledgesAfterItsSuccessorIsFoundInAnyMode() {
    var script =
        new Script()
            .insert("node1", 1, 10, 11, 1)
            .insert("node2", 2, 18, 20, 2)
            .insert("node1", 1, 24, 25, 3)
            .insert("node1", 1, 50, 51, 4);
    assertThat(script.broken(Mode.ASYNCHRONOUS)).containsExactly(Rule.ONE_WRITER);
    assertThat(script.judge(Mode.STRICT).violations())
        .singleElement()
        .asString()
        .contains("node1 stored 2 more on timeline 1, for 30 ms, after node2 had begun timeline 2");
  }

  @Test
  void twoNodesOnOneTimelineAreFoundAlsoOneAfterTheOther() {
    var script = new Script().insert("node1", 2, 10, 11, 1).insert("node2", 2, 30, 31, 2);
    assertThat(script.broken()).containsExactly(Rule.ONE_WRITER);
  }

  @Test
  void everyKindOfAcknowledgedChangeCounts() {
    var swapped = new Script().insert("node2", 2, 1, 2, 1).cas("node1", 1, 10, 11, 0, 5, 5);
    var confirmed = new Script().insert("node2", 2, 1, 2, 1).read("node1", 1, 10, 11, 0, true);
    var counted = new Script().insert("node2", 2, 1, 2, 1).increment("node1", 1, 10, 11, 1);
    var read = new Script().insert("node2", 2, 1, 2, 1).read("node1", 1, 10, 11, 0, false);
    assertThat(swapped.broken()).containsExactly(Rule.ONE_WRITER);
    assertThat(confirmed.broken()).containsExactly(Rule.ONE_WRITER);
    assertThat(counted.broken()).containsExactly(Rule.ONE_WRITER);
    assertThat(read.broken()).isEmpty();
  }
}
