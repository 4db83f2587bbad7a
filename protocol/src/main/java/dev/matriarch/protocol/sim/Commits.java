package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What clients were told to be committed while the cluster was in synchronous mode. */
final class Commits {
  private record Winner(NodeTerm who, Wal wal) {}

  private record NodeTerm(Host host, long term) {}

  private final World world;

  /** The end of what was acknowledged, by timeline and by the term of the leader who did it. */
  private final Map<Integer, Map<Long, Long>> acknowledged = new TreeMap<>();

  /** The term of the newest leadership on each timeline. */
  private final Map<Integer, Long> terms = new TreeMap<>();

  /** Timelines whose leaders had a synchronous set chosen. */
  private final Set<Integer> promised = new HashSet<>();

  private Optional<Winner> newest = Optional.empty();
  private long count;

  Commits(World world) {
    this.world = world;
  }

  /** A record without a synchronous set may be adopted from now on: it promises nothing. */
  void forget() {
    acknowledged.clear();
    promised.clear();
    newest = Optional.empty();
  }

  void chosen(ClusterRecord record) {
    if (record.sync().isPresent()) {
      promised.add(record.timeline());
    }
  }

  long count() {
    return count;
  }

  /** What was acknowledged and is not in the WAL of {@code host}. */
  Optional<String> lackedBy(Host host) {
    for (var timeline : acknowledged.keySet()) {
      var has = host.postgres.wal.map(it -> it.reaches(timeline)).orElse(-1L);
      if (has < newestOn(timeline)) {
        return Optional.of(
            "%s has %d of timeline %d, and %d was acknowledged"
                .formatted(host.id, has, timeline, newestOn(timeline)));
      }
    }
    return Optional.empty();
  }

  void acknowledged(Host host) {
    var upTo = host.postgres.replication.acknowledgeable();
    if (upTo.isEmpty()) {
      return;
    }
    Referee.require(
        !world.wish.wasAlwaysStrict() || host.postgres.replication.copiesOf(upTo.get()) > 0,
        () -> host.id + " acknowledges what nobody else holds, and the mode is strict");
    if (!world.referee.promisesCommits()) {
      return;
    }
    var timeline = host.postgres.timeline();
    var end = upTo.get();
    if (!promised.contains(timeline) || end <= newestOn(timeline)) {
      return;
    }
    count++;
    acknowledged
        .computeIfAbsent(timeline, _ -> new TreeMap<>())
        .put(terms.getOrDefault(timeline, 0L), end);
    newest
        .filter(it -> it.who().term() > terms.getOrDefault(timeline, 0L))
        .ifPresent(it ->
            Referee.require(
                it.wal().reaches(timeline) >= end,
                () ->
                    "%s acknowledges %d on timeline %d behind %s of term %d"
                        .formatted(host.id, end, timeline, it.who().host().id, it.who().term())));
  }

  private long newestOn(int timeline) {
    return acknowledged.getOrDefault(timeline, Map.of()).values().stream()
        .mapToLong(Long::longValue)
        .max()
        .orElse(-1);
  }

  /**
   * A node has begun to lead. It may learn late that it won, when another leads in a higher term
   * already: what was acknowledged there it need not have, for it can acknowledge nothing itself.
   */
  void elected(Host host, ClusterRecord record) {
    terms.merge(record.timeline(), record.term(), Math::max);
    if (record.sync().isEmpty() || !world.referee.promisesCommits()) {
      return;
    }
    var wal = host.postgres.wal.orElseThrow(() -> new Violation(host.id + " leads without data"));
    acknowledged.forEach((timeline, byTerm) ->
        byTerm.forEach((term, end) ->
            Referee.require(
                term >= record.term() || wal.reaches(timeline) >= end,
                () ->
                    "%s is elected in term %d with %d of timeline %d, and %d was acknowledged"
                        .formatted(host.id, record.term(), wal.reaches(timeline), timeline, end))));
    if (newest.filter(it -> it.who().term() > record.term()).isEmpty()) {
      newest = Optional.of(new Winner(new NodeTerm(host, record.term()), wal));
    }
  }
}
