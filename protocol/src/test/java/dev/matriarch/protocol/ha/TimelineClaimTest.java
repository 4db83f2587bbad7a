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
    assertThat(TimelineClaim.isGiven(A, 3, HISTORY)).isTrue();
    assertThat(TimelineClaim.isGiven(B, 4, HISTORY)).isTrue();
  }

  @Test
  void timelineOfAnotherLeaderIsForeign() {
    assertThat(TimelineClaim.isGiven(A, 4, HISTORY)).isFalse();
  }

  @Test
  void timelineThatNobodyWasElectedForIsForeign() {
    assertThat(TimelineClaim.isGiven(B, 5, HISTORY)).isFalse();
  }

  @Test
  void whatWasBeforeTheRecordIsNotJudged() {
    assertThat(TimelineClaim.isGiven(B, 2, HISTORY)).isTrue();
    assertThat(TimelineClaim.isGiven(B, 2, List.of())).isTrue();
  }

  @Test
  void directoryThatWasJustMadeIsOnTheFirstTimelineWhoeverWasElectedForThat() {
    assertThat(TimelineClaim.isGiven(B, 1, List.of(entry(1, A), entry(2, B)))).isTrue();
  }

  private static HistoryEntry entry(int timeline, NodeId leader) {
    return new HistoryEntry(timeline, timeline, Lsn.ZERO, leader, Optional.empty(), "");
  }
}
