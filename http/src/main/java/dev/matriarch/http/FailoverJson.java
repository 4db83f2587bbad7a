package dev.matriarch.http;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Course;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.FailoverLog;
import dev.matriarch.protocol.report.Phase;
import dev.matriarch.protocol.status.NodeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The last fail-overs, oldest first, as the cluster record tells them; one that this node has just
 * won is not in it yet with its phases.
 */
final class FailoverJson {
  private FailoverJson() {}

  static List<Map<String, Object>> of(NodeView view) {
    var won = new HashMap<Long, Course>();
    view.failovers().last().forEach(it -> won.put(it.term(), it.course()));
    var history = view.record().map(ClusterRecord::history).orElse(List.of());
    var rows = new ArrayList<Map<String, Object>>();
    var from = Optional.<NodeId>empty();
    for (var entry : history) {
      if (from.isPresent()) { // the first timeline has no leader before it
        var own = Optional.ofNullable(won.get(entry.term()));
        rows.add(row(entry, from.get(), entry.course().or(() -> own)));
      }
      from = Optional.of(entry.leader());
    }
    return rows.subList(Math.max(0, rows.size() - FailoverLog.KEPT_MAX), rows.size());
  }

  private static Map<String, Object> row(HistoryEntry entry, NodeId from, Optional<Course> course) {
    var row = new LinkedHashMap<String, Object>();
    row.put("term", entry.term());
    row.put("timeline", entry.timeline());
    row.put("from", from.value());
    row.put("to", entry.leader().value());
    row.put("cause", entry.reason());
    entry.at().ifPresent(at -> row.put("at", at));
    course.ifPresent(it -> {
      row.put("kind", Course.kind(it.released()));
      row.put("state", it.state());
      row.put("ballots", it.ballots());
      row.put("phases_ms", inOrder(it.phasesMs()));
      untilWritableMs(it).ifPresent(took -> row.put("until_writable_ms", took));
    });
    return row;
  }

  /** A voter's file sorts them by name. */
  private static Map<String, Long> inOrder(Map<String, Long> phasesMs) {
    var sorted = new LinkedHashMap<String, Long>();
    for (var phase : Phase.values()) {
      Optional.ofNullable(phasesMs.get(phase.text())).ifPresent(it -> sorted.put(phase.text(), it));
    }
    sorted.putAll(phasesMs); // those that this version does not know
    return sorted;
  }

  /** From the last sign of the old leader until writes were taken; empty before that. */
  private static Optional<Long> untilWritableMs(Course course) {
    var phases = course.phasesMs();
    var all = phases.values().stream().reduce(0L, Long::sum);
    return phases.containsKey(Phase.PROMOTED.text())
        ? Optional.of(all - phases.getOrDefault(Phase.ATTACHED.text(), 0L))
        : Optional.empty();
  }
}
