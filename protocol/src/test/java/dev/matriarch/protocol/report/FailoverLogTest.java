package dev.matriarch.protocol.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Course;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the winner has the cluster record tell of its fail-over, so that it outlives its agent. */
class FailoverLogTest {
  private static final NodeId A = new NodeId("a");

  @Test
  void theCourseIsToldOnceItIsComplete() {
    var record = record(3);
    assertThat(log(failover(3, Failover.State.ATTACHING)).untold(record)).isEmpty();
    var complete = log(failover(3, Failover.State.COMPLETE));
    var change = complete.untold(record).orElseThrow();
    var after = change.apply(record);
    assertThat(after.history().getLast().course())
        .contains(new Course(false, 2, "complete", Map.of("fenced", 18L, "promoted", 85L)));
    assertThat(complete.untold(after)).isEmpty();
    assertThat(after.history().subList(0, 2)).isEqualTo(record.history().subList(0, 2));
  }

  @Test
  void whatBeganNoTimelineOfTheRecordIsNotTold() {
    assertThat(log(failover(4, Failover.State.COMPLETE)).untold(record(3))).isEmpty();
  }

  @Test
  void oneThatWasFollowedToNoEndIsToldAsThat() {
    var told = log(failover(2, Failover.State.LOST)).untold(record(3)).orElseThrow();
    assertThat(told.course().state()).isEqualTo("not followed to its end");
  }

  @Test
  void onlyTheNewestEntriesKeepTheirs() {
    var record = record(0);
    var all = RecordChange.Measured.COURSES_MAX + 10;
    for (var term = 1; term <= all; term++) {
      record = withTerms(record, term);
      record =
          log(failover(term, Failover.State.COMPLETE)).untold(record).orElseThrow().apply(record);
    }
    assertThat(record.history()).hasSize(all);
    assertThat(record.history().stream().filter(it -> it.course().isPresent()))
        .hasSize(RecordChange.Measured.COURSES_MAX);
    assertThat(record.history().get(9).course()).isEmpty();
    assertThat(record.history().get(10).course()).isPresent();
    assertThat(log(failover(5, Failover.State.COMPLETE)).untold(record))
        .as("it would be dropped at once")
        .isEmpty();
  }

  private static FailoverLog log(Failover... failovers) {
    return new FailoverLog(failovers.length, List.of(failovers));
  }

  private static Failover failover(long term, Failover.State state) {
    return new Failover(
        term,
        (int) term,
        Optional.empty(),
        A,
        false,
        "the leader is lost",
        2,
        new TreeMap<>(
            Map.of(Phase.FENCED, Duration.ofMillis(18), Phase.PROMOTED, Duration.ofMillis(85))),
        Duration.ofHours(1),
        state);
  }

  private static ClusterRecord record(int terms) {
    return withTerms(
        new ClusterRecord(
            terms,
            Optional.of(A),
            Optional.of(A),
            terms,
            Electorate.ofUnheard(List.of(A)),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            5_000,
            Optional.of("7"),
            Map.of()),
        terms);
  }

  /** With the entries up to that term; those that are there stay. */
  private static ClusterRecord withTerms(ClusterRecord record, int terms) {
    return record.withHistory(
        IntStream.rangeClosed(1, terms)
            .mapToObj(term ->
                term <= record.history().size()
                    ? record.history().get(term - 1)
                    : new HistoryEntry(
                        term, term, new Lsn(term), A, Optional.empty(), "the leader is lost"))
            .toList());
  }
}
