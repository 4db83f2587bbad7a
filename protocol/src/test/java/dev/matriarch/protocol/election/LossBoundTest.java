package dev.matriarch.protocol.election;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LossBoundTest {
  /** Timeline 2 left timeline 1 at 500, and 3 left 2 at 800. */
  private static final List<HistoryEntry> HISTORY = List.of(fork(1, 0), fork(2, 500), fork(3, 800));

  @Test
  void onOneTimelineTheDistanceIsLost() {
    assertThat(LossBound.bytes(at(2, 600), at(2, 650), HISTORY)).isEqualTo(50);
    assertThat(LossBound.bytes(at(2, 650), at(2, 600), HISTORY)).isZero();
  }

  @Test
  void whatLiesOnAnOlderTimelineWasNotAcknowledgedBeyondTheFork() {
    assertThat(LossBound.bytes(at(2, 510), at(1, 9_000), HISTORY)).isZero();
  }

  @Test
  void whatTheWinnerHoldsBeyondTheForkDoesNotCount() {
    assertThat(LossBound.bytes(at(1, 400), at(2, 600), HISTORY)).isEqualTo(200);
    assertThat(LossBound.bytes(at(1, 590), at(2, 600), HISTORY)).isEqualTo(100);
    assertThat(LossBound.bytes(at(1, 990), at(3, 900), HISTORY)).isEqualTo(400);
  }

  @Test
  void anUnknownForkMayLoseEverything() {
    assertThat(LossBound.bytes(at(3, 900), at(4, 901), HISTORY)).isEqualTo(Long.MAX_VALUE);
  }

  /** Timeline 3 left 1 at 600, before its winner had received anything of 2. */
  @Test
  void whatTheWinnerHoldsOfATimelineThatWasPassedOverDoesNotCount() {
    var history = List.of(fork(1, 0), fork(2, 500, 1), fork(3, 600, 1));
    assertThat(LossBound.bytes(at(2, 900), at(3, 700), history)).isEqualTo(200);
    assertThat(LossBound.bytes(at(1, 550), at(3, 700), history)).isEqualTo(150);
    assertThat(LossBound.bytes(at(1, 650), at(3, 700), history)).isEqualTo(100);
  }

  /** Timeline 2 left 1 at 500; 3 left 1 at 900, which the winner of 2 had overruled, and lives. */
  private static final List<HistoryEntry> REVIVED =
      List.of(fork(1, 0), fork(2, 500, 1), fork(3, 900, 1));

  @Test
  void whatLiesOnAnOlderTimelineCountsIfALaterOneWentOnFromIt() {
    var last = List.of(3);
    assertThat(LossBound.bytes(at(2, 600), at(1, 850), REVIVED, last)).isEqualTo(350);
    assertThat(LossBound.bytes(at(2, 600), at(1, 9_000), REVIVED, last)).isEqualTo(400);
    assertThat(LossBound.bytes(at(1, 850), at(2, 9_000), REVIVED, last)).isZero();
    assertThat(LossBound.bytes(at(3, 950), at(2, 9_000), REVIVED, last)).isZero();
  }

  @Test
  void ofSeveralTimelinesThatMayHaveBeenWrittenLastTheWorstCounts() {
    var last = List.of(3, 2);
    assertThat(LossBound.bytes(at(2, 600), at(1, 850), REVIVED, last)).isEqualTo(350);
    assertThat(LossBound.bytes(at(1, 850), at(2, 600), REVIVED, last)).isEqualTo(100);
  }

  @Test
  void withoutAKnownTimelineThatWasWrittenTheWayOfTheOtherCounts() {
    assertThat(LossBound.bytes(at(1, 400), at(2, 600), HISTORY, List.of())).isEqualTo(200);
    assertThat(LossBound.bytes(at(3, 900), at(4, 901), HISTORY, List.of(3)))
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whoseWayIsNotKnownMayLackEverything() {
    assertThat(LossBound.bytes(at(7, 900), at(2, 600), HISTORY, List.of(3)))
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aTimelineIsLeftWhereTheWayToALaterOneBegan() {
    assertThat(LossBound.fork(2, 3, HISTORY)).contains(new Lsn(800));
    assertThat(LossBound.fork(1, 3, HISTORY)).contains(new Lsn(500));
    var passedOver = List.of(fork(1, 0), fork(2, 500, 1), fork(3, 600, 1));
    assertThat(LossBound.fork(1, 3, passedOver)).contains(new Lsn(600));
    assertThat(LossBound.fork(2, 3, passedOver)).as("not on the way").isEmpty();
    assertThat(LossBound.fork(3, 3, HISTORY)).as("not left").isEmpty();
    assertThat(LossBound.fork(4, 3, HISTORY)).as("later").isEmpty();
    assertThat(LossBound.fork(1, 9, HISTORY)).as("not known").isEmpty();
  }

  private static HistoryEntry fork(int timeline, long lsn, int parent) {
    return new HistoryEntry(
        timeline,
        timeline,
        new Lsn(lsn),
        new NodeId("a"),
        Optional.empty(),
        "",
        Optional.of(parent));
  }

  private static Position at(int timeline, long lsn) {
    return new Position(timeline, new Lsn(lsn));
  }

  private static HistoryEntry fork(int timeline, long lsn) {
    return new HistoryEntry(
        timeline, timeline, new Lsn(lsn), new NodeId("a"), Optional.empty(), "");
  }
}
