package dev.matriarch.multijvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.AcknowledgedRow;
import dev.matriarch.multijvm.bench.Acknowledgements.Overlap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Times are small numbers instead of nanoseconds. */
class AcknowledgementsTest {
  private static final String OLD = "node1";
  private static final String NEW = "node2";

  private static AcknowledgedRow row(String node, int timeline, long id, long begun, long ended) {
    return row("probe-" + node, node, timeline, id, begun, ended);
  }

  private static AcknowledgedRow row(
      String writer, String node, int timeline, long id, long begun, long ended) {
    return new AcknowledgedRow(writer, node, 1, id, timeline, id * 100, begun, ended);
  }

  private static Acknowledgements of(AcknowledgedRow... rows) {
    return new Acknowledgements(List.of(rows));
  }

  // --- two primaries ----------------------------------------------------------------------------

  @Test
  void aSuccessorThatBeginsAfterTheLastRowOfTheOldPrimaryDoesNotOverlap() {
    var rows = of(row(OLD, 1, 1, 10, 11), row(OLD, 1, 2, 20, 21), row(NEW, 2, 3, 22, 30));
    assertThat(rows.overlap()).isEqualTo(new Overlap(0, 0));
  }

  @Test
  void rowsOfBothNodesCountWhileBothAcknowledge() {
    var rows =
        of(
            row(OLD, 1, 1, 10, 11),
            row(NEW, 2, 2, 18, 20),
            row(OLD, 1, 3, 24, 25),
            row(NEW, 2, 4, 28, 29),
            row(OLD, 1, 5, 35, 36),
            row(NEW, 2, 6, 50, 51));
    assertThat(rows.overlap()).isEqualTo(new Overlap(4, 15));
  }

  @Test
  void anAcknowledgementThatWasLongUnderWayProvesNothing() {
    var rows = of(row(OLD, 1, 1, 10, 11), row(OLD, 1, 2, 12, 90), row(NEW, 2, 3, 40, 41));
    assertThat(rows.overlap()).isEqualTo(new Overlap(0, 0));
  }

  @Test
  void aNodeThatComesBackAsPrimaryOverlapsWithNobodyInBetween() {
    var rows = of(row(OLD, 1, 1, 10, 11), row(NEW, 2, 2, 20, 21), row(OLD, 3, 3, 30, 31));
    assertThat(rows.overlap()).isEqualTo(new Overlap(0, 0));
  }

  @Test
  void twoNodesOnTheSameTimelineOverlap() {
    var rows =
        of(
            row(OLD, 2, 1, 10, 11),
            row(NEW, 2, 2, 12, 13),
            row(OLD, 2, 3, 14, 15),
            row(NEW, 2, 4, 16, 17));
    assertThat(rows.overlap()).isEqualTo(new Overlap(2, 1));
  }

  @Test
  void theLongestOverlapOfAnyTwoIsTold() {
    var rows =
        of(
            row(OLD, 1, 1, 10, 11),
            row(NEW, 2, 2, 19, 20),
            row("node3", 3, 3, 29, 30),
            row(OLD, 1, 4, 34, 35),
            row("node3", 3, 5, 39, 40),
            row(NEW, 2, 6, 70, 71));
    assertThat(rows.overlap()).isEqualTo(new Overlap(4, 14));
  }

  @Test
  void withoutRowsThereIsNoOverlap() {
    assertThat(of().overlap()).isEqualTo(new Overlap(0, 0));
  }

  // --- loss -------------------------------------------------------------------------------------

  @Test
  void anAcknowledgedRowThatIsNotStoredIsMissing() {
    var rows = of(row(OLD, 1, 1, 10, 11), row(OLD, 1, 2, 12, 13), row(NEW, 2, 3, 20, 21));
    assertThat(rows.missing(Set.of(1L, 3L))).containsExactly(2L);
  }

  @Test
  void aStoredRowThatWasNotAcknowledgedIsNoFault() {
    assertThat(of(row(OLD, 1, 1, 10, 11)).missing(Set.of(1L, 2L))).isEmpty();
  }

  // --- gaps -------------------------------------------------------------------------------------

  @Test
  void aGapCountsFromTheLastRowBeforeTheWindow() {
    var rows = of(row(OLD, 1, 1, 10, 11), row(OLD, 1, 2, 17, 18), row(NEW, 2, 3, 40, 45));
    assertThat(rows.longestGap(_ -> true, 20, 50)).isEqualTo(27);
  }

  @Test
  void aGapWithoutAnEndReachesToTheEndOfTheWindow() {
    var rows = of(row(OLD, 1, 1, 10, 11), row(OLD, 1, 2, 25, 26));
    assertThat(rows.longestGap(_ -> true, 20, 100)).isEqualTo(74);
  }

  @Test
  void whatComesAfterTheWindowDoesNotMakeTheGapLonger() {
    var rows = of(row(OLD, 1, 1, 10, 11), row(NEW, 2, 2, 200, 201));
    assertThat(rows.longestGap(_ -> true, 20, 100)).isEqualTo(89);
  }

  @Test
  void aGapBeforeTheWindowIsNotItsOwn() {
    var rows = of(row(OLD, 1, 1, 1, 2), row(OLD, 1, 2, 90, 95), row(OLD, 1, 3, 102, 103));
    assertThat(rows.longestGap(_ -> true, 100, 105)).isEqualTo(8);
  }

  @Test
  void theStallOfOneWriterIsSeenAlthoughOthersGoOn() {
    var rows =
        new Acknowledgements(
            Stream.concat(
                    Stream.of(row("a", OLD, 1, 100, 9, 10), row("a", OLD, 1, 101, 79, 80)),
                    Stream.iterate(10L, it -> it + 2)
                        .limit(40)
                        .map(at -> row("b", OLD, 1, at, at - 1, at)))
                .toList());
    assertThat(rows.longestGap(_ -> true, 20, 85)).isEqualTo(2);
    assertThat(rows.longestGapOfOne(List.of("a", "b"), 20, 85)).isEqualTo(70);
  }

  @Test
  void rowsAreOrderedByTheirAcknowledgement() {
    var rows = of(row(OLD, 1, 1, 1, 50), row(OLD, 1, 2, 2, 10));
    assertThat(rows.lastOf(OLD)).map(AcknowledgedRow::id).hasValue(1L);
  }
}
