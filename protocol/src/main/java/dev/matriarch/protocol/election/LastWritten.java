package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The timelines that clients may have written to last.
 *
 * <p>A timeline enters the history when its leader is elected, and not each of them is begun: the
 * leader may lose its lease before. Nor need a later one come from an earlier one: its winner may
 * have received nothing of that. So the one that clients wrote to last need not be the newest, nor
 * the newest that anybody holds, and with several that it may be, each way to one of them counts.
 */
final class LastWritten {
  private LastWritten() {}

  /**
   * The newest first.
   *
   * <p>One that somebody holds, or that a later one was left from, was begun; older ones were
   * overruled by it. One whose leader tells that it holds an older one was not begun.
   *
   * @param told what is known of who holds what
   * @return empty if the history tells of no timeline that can have been begun
   */
  static List<Integer> timelines(List<HistoryEntry> history, Map<NodeId, Position> told) {
    var begun = begun(history, told);
    var last = new ArrayList<Integer>();
    for (var it : history.reversed()) {
      if (begun.contains(it.timeline())) {
        last.add(it.timeline());
        break;
      }
      if (!told.containsKey(it.leader())) {
        last.add(it.timeline());
      }
    }
    return last;
  }

  private static Set<Integer> begun(List<HistoryEntry> history, Map<NodeId, Position> told) {
    var begun = new HashSet<Integer>();
    told.values().forEach(it -> begun.add(it.timeline()));
    var before = 0;
    for (var it : history) {
      begun.add(it.parent().orElse(before));
      before = it.timeline();
    }
    return begun;
  }
}
