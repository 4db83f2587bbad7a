package dev.matriarch.multijvm.chaos;

import dev.matriarch.multijvm.chaos.history.FinalState;
import dev.matriarch.multijvm.chaos.history.History;
import java.util.List;

/**
 * What clients and a cluster went through, of which a report can be made.
 *
 * @param ends what the nodes had at last
 * @param begun of {@link System#nanoTime}
 */
record Episode(History history, List<StrikeReport> strikes, List<FinalState> ends, long begun) {
  Episode {
    strikes = List.copyOf(strikes);
    ends = List.copyOf(ends);
  }
}
