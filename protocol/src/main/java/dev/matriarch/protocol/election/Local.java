package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.model.Steady;
import java.util.Optional;
import java.util.Set;

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
 * @param lagMaxBytes how much WAL of a lost leader may be missing here, bytes; asynchronous mode
 * @param replication what synchronous mode has to know besides
 */
public record Local(
    boolean able,
    Optional<Boolean> hasData,
    Optional<Integer> primaryOn,
    Optional<Position> position,
    Optional<String> systemIdentifier,
    int priority,
    long lagMaxBytes,
    Replication replication) {

  /** Nothing is known yet. */
  public static final Local NOTHING =
      new Local(
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          0,
          0,
          Replication.NONE);

  /**
   * What synchronous mode has to know.
   *
   * @param incarnation the number kept in the data directory; absent: there is none
   * @param fencedFor the ballot for which PostgreSQL was brought to receive nothing and to write
   *     nothing; from then on nothing is followed until {@link Orders#fenceFor} has gone, and the
   *     end of the fence has been told
   * @param streamsFrom the primary that it receives WAL from
   * @param receives whether something has come from there just now
   * @param settings on a primary, every setting that some process of it may still go by; absent
   *     ones wait for nobody
   * @param proven the setting that all processes go by, and under which all WAL written before is
   *     on as many members as it says
   */
  public record Replication(
      Optional<Long> incarnation,
      Optional<Ballot> fencedFor,
      Optional<Source> streamsFrom,
      boolean receives,
      Set<Optional<SyncSet>> settings,
      Optional<SyncSet> proven) {
    public static final Replication NONE =
        new Replication(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            Set.of(),
            Optional.empty());

    public Replication {
      settings = Steady.set(settings);
    }
  }

  /** A primary of {@code timeline}. */
  public record Source(NodeId node, int timeline) {}

  /** Whether there is nothing here that WAL could reach. */
  boolean hasNothing() {
    return !hasData.orElse(true);
  }
}
