package dev.matriarch.multijvm.chaos.check;

import dev.matriarch.multijvm.chaos.history.Operation;
import dev.matriarch.multijvm.chaos.history.Outcome;
import dev.matriarch.multijvm.chaos.history.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Whether readers of the counter on one node never see it go back, over one connection or many.
 *
 * <p>That is asked of one life of a server, from one recovery to the next: in any mode, and through
 * a promotion and a change of the timeline too, for a server that runs only adds to what it has. A
 * node that is rewound or made anew was stopped for that, so what it was before is another life; in
 * asynchronous mode, and on a replica that was ahead of what was acknowledged, the next one may
 * begin earlier. A replica that has just been started may also let readers in before it has
 * replayed again all that it had shown before. A primary may not: one that was started anew on its
 * timeline has recovered everything, so its lives are taken as one.
 */
final class AdvanceCheck {
  private AdvanceCheck() {}

  /**
   * @param life 0 for all lives of a primary on a timeline, else {@code timeline} is 0
   */
  private record Server(String node, long life, int timeline) {}

  static List<Violation> of(Evidence evidence) {
    var reads =
        new TreeMap<Server, List<Operation>>(
            Comparator.comparing(Server::node)
                .thenComparingLong(Server::life)
                .thenComparingInt(Server::timeline));
    for (var operation : evidence.operations()) {
      if (operation.outcome()
          instanceof Outcome.Ok(Value.Seen(_, var life, var timeline, var recovering))) {
        var server = new Server(operation.node(), life, 0);
        reads.computeIfAbsent(server, _ -> new ArrayList<>()).add(operation);
        if (!recovering) {
          var primary = new Server(operation.node(), 0, timeline);
          reads.computeIfAbsent(primary, _ -> new ArrayList<>()).add(operation);
        }
      }
    }
    return reads.values().stream()
        .flatMap(it -> CounterCheck.backward(it, AdvanceCheck::count).stream())
        .distinct()
        .map(it ->
            new Violation(
                Rule.READS_ADVANCE,
                "the counter went back on %s:%s"
                    .formatted(
                        it.getKey().node(),
                        evidence.telling().of(List.of(it.getKey(), it.getValue())))))
        .toList();
  }

  private static long count(Operation read) {
    return read.value().orElse(null) instanceof Value.Seen(var count, _, _, _) ? count : 0;
  }
}
