package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimelineClaimTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final List<HistoryEntry> HISTORY = List.of(entry(3, A), entry(4, B));

  @Test
  void winnerOwnsTheTimelineThatTheRecordNamesItFor() {
    assertThat(TimelineClaim.isGiven(A, 3, Optional.empty(), HISTORY)).isTrue();
    assertThat(TimelineClaim.isGiven(B, 4, Optional.empty(), HISTORY)).isTrue();
  }

  @Test
  void timelineOfAnotherLeaderIsForeign() {
    assertThat(TimelineClaim.isGiven(A, 4, Optional.empty(), HISTORY)).isFalse();
  }

  @Test
  void timelineThatNobodyWasElectedForIsForeign() {
    assertThat(TimelineClaim.isGiven(B, 5, Optional.empty(), HISTORY)).isFalse();
  }

  @Test
  void whatWasBeforeTheRecordIsNotJudged() {
    assertThat(TimelineClaim.isGiven(B, 2, Optional.empty(), HISTORY)).isTrue();
    assertThat(TimelineClaim.isGiven(B, 2, Optional.empty(), List.of())).isTrue();
  }

  @Test
  void whatTheDirectoryTellsOfItsPromotionCountsWhereTheRecordIsOfAnEarlierDay() {
    assertThat(TimelineClaim.isGiven(B, 5, Optional.of(5), HISTORY)).isTrue();
    assertThat(TimelineClaim.isGiven(B, 6, Optional.of(5), HISTORY)).as("by hand").isFalse();
  }

  @Test
  void directoryThatWasJustMadeIsOnTheFirstTimelineWhoeverWasElectedForThat() {
    assertThat(TimelineClaim.isGiven(B, 1, Optional.empty(), List.of(entry(1, A), entry(2, B))))
        .isTrue();
  }

  private static HistoryEntry entry(int timeline, NodeId leader) {
    return new HistoryEntry(timeline, timeline, Lsn.ZERO, leader, Optional.empty(), "");
  }
}
