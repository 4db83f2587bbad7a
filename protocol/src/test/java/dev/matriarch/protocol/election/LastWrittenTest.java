package dev.matriarch.protocol.election;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LastWrittenTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");

  /** Led by a, by b, and by c, who went on where a had been. */
  private static final List<HistoryEntry> HISTORY =
      List.of(
          entry(1, A, Optional.empty()), entry(2, B, Optional.of(1)), entry(3, C, Optional.of(1)));

  @Test
  void whatSomebodyHoldsWasBegunAndOverruledWhatWasThereBefore() {
    assertThat(LastWritten.timelines(HISTORY, Map.of(A, at(3), B, at(2)))).containsExactly(3);
  }

  @Test
  void whatALaterOneLeftWasBegun() {
    var more = List.of(HISTORY.get(0), HISTORY.get(2), entry(4, A, Optional.of(3)));
    assertThat(LastWritten.timelines(more, Map.of(A, at(1)))).containsExactly(3);
  }

  @Test
  void withoutAParentTheOneBeforeWasLeft() {
    var more = List.of(HISTORY.get(0), HISTORY.get(1), entry(3, C, Optional.empty()));
    assertThat(LastWritten.timelines(more, Map.of(A, at(1), C, at(1)))).containsExactly(2);
  }

  @Test
  void whatNobodyTellsOfMayHaveBeenBegun() {
    assertThat(LastWritten.timelines(HISTORY, Map.of(A, at(1), B, at(2)))).containsExactly(3, 2);
    assertThat(LastWritten.timelines(HISTORY, Map.of(A, at(1)))).containsExactly(3, 2, 1);
  }

  @Test
  void whatItsLeaderDoesNotHoldWasNotBegun() {
    assertThat(LastWritten.timelines(HISTORY, Map.of(B, at(2), C, at(1)))).containsExactly(2);
    assertThat(LastWritten.timelines(HISTORY, Map.of(A, at(1), B, at(1)))).containsExactly(3, 1);
  }

  @Test
  void aNewClusterHasNone() {
    assertThat(LastWritten.timelines(List.of(), Map.of(A, at(1)))).isEmpty();
  }

  private static HistoryEntry entry(int timeline, NodeId leader, Optional<Integer> parent) {
    return new HistoryEntry(
        timeline, timeline, new Lsn(100L * timeline), leader, Optional.empty(), "", parent);
  }

  private static Position at(int timeline) {
    return new Position(timeline, new Lsn(500));
  }
}
