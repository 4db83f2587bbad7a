package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One PostgreSQL.
 *
 * @param wal its entries; each is timeline × 100 + its place
 * @param primary the timeline on which it runs as primary; 0: it does not
 * @param term of the leadership it is primary under
 * @param settings every synchronous setting that some process of it may go by, the newest last
 * @param since how long the WAL was when it became primary: nobody waits for what is before
 * @param flushed how much WAL each node has confirmed to this primary
 * @param mark how long the WAL was when the newest setting was in force everywhere
 * @param source what it streams from
 */
record Pg(
    List<Integer> wal,
    int primary,
    long term,
    List<SyncSet> settings,
    int since,
    List<Integer> flushed,
    int mark,
    Optional<Local.Source> source) {

  static final int PER_TIMELINE = 100;
  private static final List<Integer> NOTHING = List.of(0, 0, 0);

  static Pg standby(List<Integer> wal, Optional<Local.Source> source) {
    return new Pg(wal, 0, 0, List.of(), 0, NOTHING, 0, source);
  }

  static Pg primary(List<Integer> wal, int timeline, long term, List<SyncSet> settings) {
    return new Pg(wal, timeline, term, settings, wal.size(), NOTHING, wal.size(), Optional.empty());
  }

  boolean isPrimary() {
    return primary > 0;
  }

  int timeline() {
    return wal.getLast() / PER_TIMELINE;
  }

  Position position() {
    return new Position(timeline(), new Lsn(wal.size()));
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
    return new Pg(newWal, primary, term, settings, since, flushed, mark, source);
  }

  Pg under(long newTerm) {
    return new Pg(wal, primary, newTerm, settings, since, flushed, mark, source);
  }

  /** Some process may go by {@code set} from now on. */
  Pg setting(SyncSet set) {
    var more = new ArrayList<>(settings);
    more.add(set);
    return new Pg(wal, primary, term, List.copyOf(more), since, flushed, mark, source);
  }

  /** All processes go by the newest setting. */
  Pg settled() {
    return new Pg(
        wal, primary, term, List.of(settings.getLast()), since, flushed, wal.size(), source);
  }

  Pg confirmed(int node, int length) {
    var more = new ArrayList<>(flushed);
    more.set(node, length);
    return new Pg(wal, primary, term, settings, since, List.copyOf(more), mark, source);
  }

  /** The nodes other than {@code self}, of those in {@code set}, that hold the first entries. */
  int holders(NodeId self, SyncSet set, int length) {
    var count = 0;
    for (var member : set.members()) {
      if (!member.node().equals(self)
          && flushed.get(Scene.NODES.indexOf(member.node())) >= length) {
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
