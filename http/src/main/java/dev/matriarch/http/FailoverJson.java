package dev.matriarch.http;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.FailoverLog;
import dev.matriarch.protocol.status.NodeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The last fail-overs, oldest first: what every node knows from the cluster record, and the phases
 * of those that this node won.
 */
final class FailoverJson {
  private FailoverJson() {}

  static List<Map<String, Object>> of(NodeView view) {
    var won = new HashMap<Long, Failover>();
    view.failovers().last().forEach(it -> won.put(it.term(), it));
    var history = view.record().map(ClusterRecord::history).orElse(List.of());
    var rows = new ArrayList<Map<String, Object>>();
    var from = Optional.<NodeId>empty();
    for (var entry : history) {
      if (from.isPresent()) { // the first timeline has no leader before it
        rows.add(row(entry, from.get(), Optional.ofNullable(won.get(entry.term()))));
      }
      from = Optional.of(entry.leader());
    }
    return rows.subList(Math.max(0, rows.size() - FailoverLog.KEPT_MAX), rows.size());
  }

  private static Map<String, Object> row(
      HistoryEntry entry, NodeId from, Optional<Failover> measured) {
    var row = new LinkedHashMap<String, Object>();
    row.put("term", entry.term());
    row.put("timeline", entry.timeline());
    row.put("from", from.value());
    row.put("to", entry.leader().value());
    row.put("cause", entry.reason());
    entry.at().ifPresent(at -> row.put("at", at));
    measured.ifPresent(it -> {
      var phases = new LinkedHashMap<String, Object>();
      it.phases().forEach((phase, took) -> phases.put(phase.text(), took.toMillis()));
      row.put("kind", it.kind());
      row.put("state", it.state().text());
      row.put("ballots", it.ballots());
      row.put("phases_ms", phases);
      it.untilWritable().ifPresent(took -> row.put("until_writable_ms", took.toMillis()));
    });
    return row;
  }
}
