package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How much of what was acknowledged in asynchronous mode a winner lacks.
 *
 * <p>Let <i>A</i> be the end of what the last primary before the winner has written, and
 * acknowledged at once: the primary of the newest timeline in the history of the record that the
 * winner adopted. Let <i>K</i> be the highest position on the way to <i>A</i> that any voter told
 * the winner with its promise. What lies between was written since a voter of the winner's heard of
 * that primary last, and nobody whom the winner asked has it: no rule can save it. Of the rest the
 * winner may lack {@code maximum_lag_on_failover} and no more, since it stands back from every
 * position that is further ahead ({@link dev.matriarch.protocol.election.LossBound}). So
 *
 * <pre>lost ≤ maximum_lag_on_failover + (A − K)</pre>
 *
 * <p>Both are measured in bytes along the way of the timelines to <i>A</i>. Nothing is lost before
 * the winner promotes, so that is when it is judged, by the WAL that it really has. An operator who
 * accepted the loss is taken at his word.
 */
final class LossLedger {
  private record Place(NodeId node, int timeline) {}

  private record Told(Host by, Position position) {}

  private record Win(ClusterRecord adopted, List<Told> told) {}

  private final World world;

  /** What the primary of a timeline has written. */
  private final Map<Integer, Wal> written = new HashMap<>();

  private final Map<Place, Win> wins = new HashMap<>();

  LossLedger(World world) {
    this.world = world;
  }

  void written(Wal wal) {
    written.put(wal.timeline(), wal);
  }

  /** With these promises {@code node} may begin {@code timeline}; {@code adopted} is as it was. */
  void won(
      NodeId node, int timeline, ClusterRecord adopted, List<ElectionMessage.Promise> promises) {
    if (timeline == adopted.timeline()) {
      return; // it goes on: what is lost was decided when it won this timeline
    }
    var told = new ArrayList<Told>();
    for (var it : promises) {
      it.position()
          .filter(position -> position.timeline() <= adopted.timeline())
          .ifPresent(position -> told.add(new Told(world.host(it.from()), position)));
    }
    wins.put(new Place(node, timeline), new Win(adopted, List.copyOf(told)));
  }

  /** It is promoted with this WAL. */
  void promoted(Host host, int timeline, Wal wal) {
    var win = Optional.ofNullable(wins.get(new Place(host.id, timeline)));
    var last = win.flatMap(it -> lastWritten(it.adopted()));
    if (last.isEmpty()) {
      return;
    }
    var way = last.get();
    var lost = way.end() - wal.commonWith(way).end();
    var known = win.get().told().stream().mapToLong(it -> known(it, way)).max().orElse(0);
    var bound = world.setup.lagMaxBytes() + way.end() - known;
    if (lost > 0) {
      world.marks.reached(Mark.LOST_WITHIN_THE_BOUND);
    }
    Referee.require(
        lost <= bound,
        () ->
            "%s lacks %d bytes of timeline %d that were acknowledged, and may lack %d"
                .formatted(host.id, lost, way.timeline(), bound));
  }

  private Optional<Wal> lastWritten(ClusterRecord adopted) {
    if (adopted.sync().isPresent() || adopted.systemIdentifier().isEmpty()) {
      return Optional.empty();
    }
    return adopted.history().reversed().stream()
        .flatMap(it -> Optional.ofNullable(written.get(it.timeline())).stream())
        .findFirst();
  }

  /** How far on the way a voter was by its own words, as far as these were true. */
  private static long known(Told told, Wal way) {
    var position = told.position();
    var reached = Math.min(position.lsn().bytes(), way.reaches(position.timeline()));
    return told.by().postgres.wal.map(it -> Math.min(reached, it.commonWith(way).end())).orElse(0L);
  }
}
