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
 */
public record Candidacy(
    NodeId node,
    boolean able,
    Optional<Boolean> hasData,
    boolean primary,
    Optional<Position> position,
    int priority) {
  private static final Position NOTHING = new Position(0, Lsn.ZERO);

  /** The best first: those with more WAL, a running primary, the higher priority, the name. */
  static final Comparator<Candidacy> BEST_FIRST =
      Comparator.comparing((Candidacy it) -> it.position().orElse(NOTHING))
          .thenComparing(Candidacy::primary)
          .thenComparingInt(Candidacy::priority)
          .reversed()
          .thenComparing(Candidacy::node);
}
