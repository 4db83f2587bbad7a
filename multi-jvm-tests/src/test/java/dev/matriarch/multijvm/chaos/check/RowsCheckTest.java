package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.history.Kind;
import org.junit.jupiter.api.Test;

class RowsCheckTest {
  @Test
  void whatWasAcknowledgedAndIsThereIsAsPromised() {
    var script =
        new Script()
            .insert("node1", 1, 0, 1, 1)
            .insert("node2", 2, 5, 6, 2)
            .endRows("node1", 2, 1L, 2L)
            .endRows("node2", 2, 1L, 2L);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aMissingRowThatWasAcknowledgedIsFoundAndNamed() {
    var verdict =
        new Script()
            .insert("node1", 1, 0, 1, 1)
            .insert("node1", 1, 2, 3, 77)
            .endRows("node2", 2, 1L)
            .judge(Mode.QUORUM);
    assertThat(verdict.lost()).isEqualTo(1);
    assertThat(verdict.violations())
        .singleElement()
        .satisfies(it -> assertThat(it.rule()).isEqualTo(Rule.ACKNOWLEDGED_IS_KEPT))
        .asString()
        .contains("insert row 77", "node2");
  }

  @Test
  void anUnknownRowMayBeThereOrNot() {
    var script =
        new Script()
            .unknown("node1", 0, 1, new Kind.Insert(1))
            .unknown("node1", 0, 1, new Kind.Insert(2))
            .endRows("node1", 1, 2L);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aRowThatFailedAndIsThereIsFound() {
    var script = new Script().failed("node1", 0, 1, new Kind.Insert(1)).endRows("node1", 1, 1L);
    assertThat(script.broken()).containsExactly(Rule.FAILED_IS_ABSENT);
  }

  @Test
  void aRowThatNobodyHasInsertedIsFound() {
    assertThat(new Script().endRows("node1", 1, 4L).broken())
        .containsExactly(Rule.NOTHING_INVENTED);
  }

  @Test
  void aFailOverInAsynchronousModeMayLoseTheLastRows() {
    var verdict =
        new Script()
            .insert("node1", 1, 0, 1, 1)
            .insert("node1", 1, 2, 3, 2)
            .insert("node2", 2, 10, 11, 3)
            .endRows("node2", 2, 1L, 3L)
            .judge(Mode.ASYNCHRONOUS);
    assertThat(verdict.lost()).isEqualTo(1);
    assertThat(verdict.violations()).isEmpty();
  }

  @Test
  void withoutAFailOverAsynchronousModeLosesNothing() {
    var script =
        new Script()
            .insert("node1", 1, 0, 1, 1)
            .insert("node1", 1, 2, 3, 2)
            .endRows("node1", 1, 1L);
    assertThat(script.broken(Mode.ASYNCHRONOUS)).containsExactly(Rule.ACKNOWLEDGED_IS_KEPT);
  }

  @Test
  void aFailOverDoesNotTakeRowsOutOfTheMiddle() {
    var script =
        new Script()
            .insert("node1", 1, 0, 1, 1)
            .insert("node1", 1, 2, 3, 2)
            .insert("node2", 2, 10, 11, 3)
            .endRows("node2", 2, 2L, 3L);
    assertThat(script.broken(Mode.ASYNCHRONOUS)).containsExactly(Rule.ACKNOWLEDGED_IS_KEPT);
  }

  @Test
  void aFailOverDoesNotTakeRowsOfTheTimelineThatItBegan() {
    var script =
        new Script()
            .insert("node1", 1, 0, 1, 1)
            .insert("node2", 2, 10, 11, 3)
            .endRows("node2", 2, 1L);
    assertThat(script.broken(Mode.ASYNCHRONOUS)).containsExactly(Rule.ACKNOWLEDGED_IS_KEPT);
  }
}
