package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One PostgreSQL.
 *
 * @param wal its entries; each is timeline × 100 + its place; none: there are no data
 * @param incarnation the number in the data directory; {@link #UNNUMBERED}: it got none yet
 * @param primary the timeline on which it runs as primary; 0: it does not
 * @param term of the leadership it is primary under
 * @param settings every synchronous setting that some process of it may go by, the newest last
 * @param since how long the WAL was when it became primary: nobody waits for what is before
 * @param flushed how much WAL each standby has confirmed to this primary
 * @param mark how long the WAL was when the newest setting was in force everywhere
 * @param source what it streams from
 */
record Pg(
    List<Integer> wal,
    long incarnation,
    int primary,
    long term,
    List<SyncSet> settings,
    int since,
    Map<Incarnation, Integer> flushed,
    int mark,
    Optional<Local.Source> source) {

  static final int PER_TIMELINE = 100;
  static final long UNNUMBERED = 0;

  static Pg standby(List<Integer> wal, long incarnation, Optional<Local.Source> source) {
    return new Pg(wal, incarnation, 0, 0, List.of(), 0, Map.of(), 0, source);
  }

  /** The directory is gone. */
  static Pg nothing() {
    return standby(List.of(), UNNUMBERED, Optional.empty());
  }

  /** The same directory; it runs as standby, and has this WAL. */
  Pg standby(List<Integer> newWal, Optional<Local.Source> newSource) {
    return standby(newWal, incarnation, newSource);
  }

  /** Receives nothing. */
  Pg alone() {
    return standby(wal, incarnation, Optional.empty());
  }

  Pg primary(int timeline, long newTerm, List<SyncSet> newSettings) {
    return new Pg(
        wal,
        incarnation,
        timeline,
        newTerm,
        newSettings,
        wal.size(),
        Map.of(),
        wal.size(),
        Optional.empty());
  }

  Pg numbered(long number) {
    return new Pg(wal, number, primary, term, settings, since, flushed, mark, source);
  }

  boolean isEmpty() {
    return wal.isEmpty();
  }

  boolean isPrimary() {
    return primary > 0;
  }

  int timeline() {
    return isEmpty() ? 0 : wal.getLast() / PER_TIMELINE;
  }

  Optional<Position> position() {
    return isEmpty()
        ? Optional.empty()
        : Optional.of(new Position(timeline(), new Lsn(wal.size())));
  }

  boolean isPrefixOf(Pg other) {
    return wal.size() <= other.wal.size() && other.wal.subList(0, wal.size()).equals(wal);
  }

  boolean streamsFrom(NodeId node, Pg other) {
    return other.isPrimary()
        && source.equals(Optional.of(new Local.Source(node, other.primary)))
        && isPrefixOf(other);
  }

  Pg written() {
    var longer = new ArrayList<>(wal);
    longer.add(primary * PER_TIMELINE + wal.size());
    return withWal(List.copyOf(longer));
  }

  Pg withWal(List<Integer> newWal) {
    return new Pg(newWal, incarnation, primary, term, settings, since, flushed, mark, source);
  }

  Pg under(long newTerm) {
    return new Pg(wal, incarnation, primary, newTerm, settings, since, flushed, mark, source);
  }

  /** Some process may go by {@code set} from now on. */
  Pg setting(SyncSet set) {
    var more = new ArrayList<>(settings);
    more.add(set);
    return new Pg(wal, incarnation, primary, term, List.copyOf(more), since, flushed, mark, source);
  }

  /** All processes go by the newest setting. */
  Pg settled() {
    return new Pg(
        wal,
        incarnation,
        primary,
        term,
        List.of(settings.getLast()),
        since,
        flushed,
        wal.size(),
        source);
  }

  Pg confirmed(Incarnation standby, int length) {
    var more = new HashMap<>(flushed);
    more.merge(standby, length, Math::max);
    return new Pg(wal, incarnation, primary, term, settings, since, Map.copyOf(more), mark, source);
  }

  /** The standbys, of those in {@code set}, that have confirmed the first entries. */
  int holders(NodeId self, SyncSet set, int length) {
    var count = 0;
    for (var member : set.members()) {
      if (!member.node().equals(self) && flushed.getOrDefault(member, 0) >= length) {
        count++;
      }
    }
    return count;
  }

  /** Whether all WAL up to the mark is on as many members as {@code set} says. */
  boolean proves(NodeId self, SyncSet set) {
    return settings.equals(List.of(set)) && 1 + holders(self, set, mark) >= set.copies();
  }

  Set<Optional<SyncSet>> allSettings() {
    return settings.stream().map(Optional::of).collect(Collectors.toUnmodifiableSet());
  }
}
