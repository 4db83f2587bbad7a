package dev.matriarch.protocol.report;

import static java.util.stream.Collectors.toSet;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.RecordChange;
import java.util.List;
import java.util.Optional;

/**
 * The fail-overs that one node won since its agent's process began.
 *
 * @param count all of them
 * @param last the last {@link #KEPT_MAX}, oldest first
 */
public record FailoverLog(long count, List<Failover> last) {
  public static final int KEPT_MAX = 50;

  public static final FailoverLog EMPTY = new FailoverLog(0, List.of());

  public FailoverLog {
    last = List.copyOf(last.subList(Math.max(0, last.size() - KEPT_MAX), last.size()));
  }

  /** The course of one that has ended, and of which the history of {@code record} has none yet. */
  public Optional<RecordChange.Measured> untold(ClusterRecord record) {
    var newest = record.history().reversed().stream().limit(RecordChange.Measured.COURSES_MAX);
    var without =
        newest.filter(it -> it.course().isEmpty()).map(HistoryEntry::term).collect(toSet());
    return last.stream()
        .filter(it -> !it.state().isOpen() && without.contains(it.term()))
        .map(it -> new RecordChange.Measured(it.term(), it.course()))
        .findFirst();
  }
}
