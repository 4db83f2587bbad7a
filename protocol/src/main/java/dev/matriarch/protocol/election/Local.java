package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/**
 * What the election has to know of the local PostgreSQL.
 *
 * @param able whether this node may and could lead: by its tags, and with usable data or none at
 *     all; never on a witness
 * @param hasData whether there are data of PostgreSQL here, whoever's; absent: not looked yet
 * @param primaryOn the timeline on which PostgreSQL runs as primary or is being promoted
 * @param position of the WAL held; absent: not known yet, or no data
 * @param systemIdentifier of the data; absent: no data
 * @param priority among equal positions the larger goes first
 * @param lagMaxBytes how much WAL of a lost leader may be missing here, bytes
 */
public record Local(
    boolean able,
    Optional<Boolean> hasData,
    Optional<Integer> primaryOn,
    Optional<Position> position,
    Optional<String> systemIdentifier,
    int priority,
    long lagMaxBytes) {

  /** Nothing is known yet. */
  public static final Local NOTHING =
      new Local(
          false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 0, 0);
}
