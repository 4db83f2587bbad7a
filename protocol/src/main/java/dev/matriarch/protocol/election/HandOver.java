package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;

/**
 * A leader has stopped its PostgreSQL, and has said who is to lead next.
 *
 * <p>Whoever knows of it stands in this order: the successor at once; the old leader, which holds
 * everything, once the successor has had its time; the others a while later. The order is a
 * preference, kept by each node for itself. Nothing is safe because of it, and nobody waits for a
 * node that is gone for longer than {@link #turnOf}.
 *
 * @param upTo the end of the old leader's WAL; absent: not known
 * @param at when this node learnt of it
 * @param taken this node is the successor, and has stood
 */
public record HandOver(
    NodeId from, NodeId successor, Optional<Position> upTo, Duration at, boolean taken) {

  /** How long after it {@code node} may stand. */
  Duration turnOf(NodeId node, ElectionTiming timing) {
    if (node.equals(successor)) {
      return Duration.ZERO;
    }
    return node.equals(from)
        ? timing.rankStep().multipliedBy(4)
        : timing.roundTimeout().multipliedBy(2);
  }

  /** As the successor sees it once it knows that it lacks WAL: the old leader is to lead again. */
  HandOver declined() {
    return new HandOver(from, from, upTo, at, false);
  }

  HandOver asTaken() {
    return new HandOver(from, successor, upTo, at, true);
  }

  /** How long a successor that stands may take, also where its fence takes long. */
  static Duration round(ElectionTiming timing) {
    return timing.roundTimeout().multipliedBy(2);
  }

  /** How long {@code node}, which has heard the successor stand, gives it. */
  Duration roundFor(NodeId node, ElectionTiming timing) {
    return node.equals(from) ? round(timing) : round(timing).plus(timing.roundTimeout());
  }

  /** Until when a successor that lacks WAL waits for another look at what it has. */
  Duration lookedAgainBy(ElectionTiming timing) {
    return at.plus(timing.rankStep());
  }
}
