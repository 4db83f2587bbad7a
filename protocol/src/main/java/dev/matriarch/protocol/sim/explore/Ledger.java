package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.election.Voter;
import dev.matriarch.protocol.model.NodeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What has happened so far, and the rules that it must keep.
 *
 * @param stored who has ever stored which version
 * @param chosen the versions that a majority has stored
 * @param adopted what each winner adopted
 * @param timelines who has begun which timeline
 * @param served the WAL with which each leadership began to run PostgreSQL as primary
 * @param acknowledged commits that clients know of, each with the lowest term of a primary that
 *     acknowledged it
 */
record Ledger(
    Map<Version, Set<Voter>> stored,
    Set<Version> chosen,
    Map<Ballot, Version> adopted,
    Map<Integer, NodeId> timelines,
    Map<Ballot, List<Integer>> served,
    Map<Integer, Long> acknowledged) {

  /** The adopted record must not be older than one that an earlier ballot had chosen. */
  Ledger won(Facts.Won won) {
    for (var it : adopted.keySet()) {
      require(
          it.term() != won.ballot().term() || it.equals(won.ballot()),
          "two winners of one term: " + it + " and " + won.ballot());
    }
    chosen.forEach(it -> checkAdoption(won.ballot(), won.adopted(), it));
    var more = new HashMap<>(adopted);
    more.put(won.ballot(), won.adopted());
    return new Ledger(stored, chosen, Map.copyOf(more), timelines, served, acknowledged);
  }

  Ledger stored(Voter voter, VersionedRecord value) {
    var version = value.version();
    if (chosen.contains(version)) {
      return this;
    }
    var by = new HashSet<>(stored.getOrDefault(version, Set.of()));
    by.add(voter);
    var more = new HashMap<>(stored);
    var all = new HashSet<>(chosen);
    if (value.record().isQuorum(by)) {
      adopted.forEach((ballot, there) -> checkAdoption(ballot, there, version));
      all.add(version);
      more.remove(version);
    } else {
      more.put(version, Set.copyOf(by));
    }
    return new Ledger(Map.copyOf(more), Set.copyOf(all), adopted, timelines, served, acknowledged);
  }

  private static void checkAdoption(Ballot ballot, Version adopted, Version chosen) {
    require(
        !ballot.isAbove(chosen.ballot()) || adopted.compareTo(chosen) >= 0,
        "%s was won with %s, but %s is chosen".formatted(ballot, adopted, chosen));
  }

  /**
   * A leader runs PostgreSQL now. It must hold what primaries of lower terms acknowledged; one that
   * was elected long ago, and learns it late, need not hold what is acknowledged behind it.
   */
  Ledger serves(NodeId node, Ballot ballot, int timeline, List<Integer> wal) {
    var missing =
        acknowledged.entrySet().stream()
            .filter(it -> it.getValue() < ballot.term() && !wal.contains(it.getKey()))
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    require(
        missing.isEmpty(),
        "%s serves as leader %s without the acknowledged commit %s, it holds %s"
            .formatted(node, ballot, missing, wal));
    var begun = timelines.get(timeline);
    require(
        begun == null || begun.equals(node),
        "timeline %d is begun by %s and %s".formatted(timeline, begun, node));
    var more = new HashMap<>(timelines);
    more.put(timeline, node);
    var all = new HashMap<>(served);
    all.put(ballot, wal);
    return new Ledger(stored, chosen, adopted, Map.copyOf(more), Map.copyOf(all), acknowledged);
  }

  /** Leaders of higher terms must hold it. */
  Ledger acknowledged(NodeId node, long term, int entry) {
    if (acknowledged.getOrDefault(entry, Long.MAX_VALUE) <= term) {
      return this;
    }
    served.forEach((ballot, wal) ->
        require(
            ballot.term() <= term || wal.contains(entry),
            "%s, primary of term %d, acknowledges %d behind %s, which lacks it"
                .formatted(node, term, entry, ballot)));
    var more = new HashMap<>(acknowledged);
    more.put(entry, term);
    return new Ledger(stored, chosen, adopted, timelines, served, Map.copyOf(more));
  }

  /** Whether a primary of a higher term than {@code term} has begun. */
  boolean isOld(long term) {
    return served.keySet().stream().anyMatch(it -> it.term() > term);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new Breach(otherwise);
    }
  }
}
