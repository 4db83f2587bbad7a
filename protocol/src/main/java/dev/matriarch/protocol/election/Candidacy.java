package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Comparator;
import java.util.Optional;

/**
 * What a node has to offer as leader.
 *
 * @param able whether it may and could lead now
 * @param hasData whether there are data of PostgreSQL here, whoever's; absent: not looked yet
 * @param primary whether its PostgreSQL runs as primary
 * @param position of its WAL; absent: not known, or no data
 * @param priority among equal positions the larger goes first
 * @param receives whether WAL still comes in here, so that the position is that of a moment
 */
public record Candidacy(
    NodeId node,
    boolean able,
    Optional<Boolean> hasData,
    boolean primary,
    Optional<Position> position,
    int priority,
    boolean receives) {
  private static final Position NOTHING = new Position(0, Lsn.ZERO);

  /** The best first: those with more WAL, a running primary, the higher priority, the name. */
  private static final Comparator<Candidacy> BEST_FIRST =
      Comparator.comparing((Candidacy it) -> it.position().orElse(NOTHING))
          .thenComparing(Candidacy::primary)
          .thenComparingInt(Candidacy::priority)
          .reversed()
          .thenComparing(Candidacy::node);

  private static final Comparator<Candidacy> PREFERRED_FIRST =
      Comparator.comparingInt(Candidacy::priority).reversed().thenComparing(Candidacy::node);

  /**
   * Whether this one is to stand before {@code other}. As long as both receive, their positions say
   * only when each has looked, and each would wait for the other: who holds more is seen once both
   * are fenced.
   */
  boolean goesBefore(Candidacy other) {
    var order = receives && other.receives ? PREFERRED_FIRST : BEST_FIRST;
    return order.compare(this, other) < 0;
  }
}
