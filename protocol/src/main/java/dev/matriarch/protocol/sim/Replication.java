package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.sync.SyncSetting;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Streaming and synchronous replication of one PostgreSQL. It goes on whatever its agent does: a
 * primary that was superseded acknowledges what its standbys confirm, and a standby streams until
 * it is stopped from doing so.
 */
final class Replication {
  private static final long STREAM_EVERY_US = 15_000;

  private final Host host;
  private final Postgres postgres;

  /** The number in the data directory; 0: a directory that never got one. */
  long incarnation;

  /** Whose WAL it receives. */
  Optional<Host> upstream = Optional.empty();

  private int upstreamTimeline;

  /** Whether it gets WAL from the archive when it receives none. */
  boolean restores;

  /** As primary. */
  final InForce inForce;

  /** Nobody waits for what was written before. */
  private long begunAt;

  private final Map<Incarnation, Long> confirmed = new HashMap<>();
  private long connection;

  Replication(Host host, Postgres postgres) {
    this.host = host;
    this.postgres = postgres;
    inForce = new InForce(host);
  }

  // --- as standby -------------------------------------------------------------------------------

  void stream(Host from, int timeline) {
    if (upstream.equals(Optional.of(from)) && upstreamTimeline == timeline) {
      return;
    }
    upstream = Optional.of(from);
    upstreamTimeline = timeline;
    restores = true;
    receive(++connection);
  }

  void disconnect() {
    upstream = Optional.empty();
    connection++;
  }

  int upstreamTimeline() {
    return upstreamTimeline;
  }

  private void receive(long thisConnection) {
    if (connection != thisConnection || postgres.phase != Postgres.Phase.STANDBY) {
      return;
    }
    var from = upstream.orElseThrow();
    var theirs = from.postgres.wal;
    if (serves(from)
        && !host.stalled
        && postgres.hasReplayed()
        && theirs.isPresent()
        && postgres.wal.filter(it -> it.isPrefixOf(theirs.get())).isPresent()) {
      var whole = !host.world.hostile || host.world.dice.hits(0.8);
      var now = postgres.wal.orElseThrow();
      var next = whole ? theirs.get() : now.partOf(theirs.get(), host.world.dice);
      postgres.wal = Optional.of(next);
      confirm(from, next);
    }
    var late = host.world.hostile && host.world.dice.hits(0.1) ? 20 : 1;
    host.world.time.after(
        host.world.dice.between(1_000, STREAM_EVERY_US * late), () -> receive(thisConnection));
  }

  private boolean serves(Host from) {
    return from.postgres.phase == Postgres.Phase.PRIMARY
        && from.postgres.timeline() == upstreamTimeline
        && host.world.network.linked(from.id, host.id);
  }

  /** Whether WAL comes by a connection. */
  boolean receives() {
    return upstream.filter(this::serves).isPresent();
  }

  /** It may come late, also after the connection has ended: half-open ones are counted. */
  private void confirm(Host primary, Wal flushed) {
    var me = new Incarnation(host.id, incarnation);
    var run = primary.postgres.run();
    var timeline = upstreamTimeline;
    host.world.time.after(
        host.world.dice.between(200, host.world.hostile ? 20_000 : 2_000),
        () -> {
          if (primary.postgres.run() == run
              && primary.postgres.timeline() == timeline
              && flushed.timeline() == timeline) {
            primary.postgres.replication.confirmed.merge(me, flushed.end(), Math::max);
          }
        });
  }

  // --- as primary -------------------------------------------------------------------------------

  /** PostgreSQL starts to run as primary with this setting. */
  void begun(SyncSetting setting) {
    confirmed.clear();
    begunAt = postgres.wal.map(Wal::end).orElse(0L);
    inForce.begun(setting, begunAt);
  }

  /** The newest setting, if it is in force and what was written before is where it says. */
  Optional<SyncSet> proven() {
    var mutation = host.world.mutation;
    var set = inForce.goal().waitsFor();
    if (set.isEmpty()
        || (inForce.sinceEnd().isEmpty() && mutation != Mutation.PROVEN_BEFORE_IN_FORCE)) {
      return Optional.empty();
    }
    var at = inForce.sinceEnd().filter(_ -> mutation != Mutation.NO_CATCH_UP);
    return isConfirmed(set.get(), at.orElse(0L)) ? set : Optional.empty();
  }

  private boolean isConfirmed(SyncSet set, long end) {
    return 1 + others(set).stream().filter(it -> confirmed.getOrDefault(it, -1L) >= end).count()
        >= set.copies();
  }

  private Set<Incarnation> others(SyncSet set) {
    var others = new HashSet<>(set.members());
    others.removeIf(it -> it.node().equals(host.id));
    return others;
  }

  /** Who streams from here and has confirmed something. */
  Set<Incarnation> streaming() {
    return confirmed.keySet().stream().filter(this::streamsFromHere).collect(Collectors.toSet());
  }

  private boolean streamsFromHere(Incarnation standby) {
    var there = host.world.host(standby.node()).postgres;
    return there.phase == Postgres.Phase.STANDBY
        && there.replication.incarnation == standby.number()
        && there.replication.upstream.equals(Optional.of(host));
  }

  /** The end of what clients were told to be committed, if there is anything. */
  Optional<Long> acknowledgeable() {
    var end =
        inForce.mayBeUnset() ? postgres.wal.map(Wal::end) : inForce.waiting().map(this::heldBy);
    return end.filter(it -> it > begunAt);
  }

  /** With {@code FIRST} those that come first among the connected count, and no others. */
  private long heldBy(InForce.Waiting waiting) {
    var connected = waiting.named().stream().filter(confirmed::containsKey);
    var counting =
        waiting.inOrder()
            ? connected.sorted(Comparator.comparing(Incarnation::node)).limit(waiting.awaited())
            : connected;
    return counting
        .map(this::confirmedBy)
        .sorted(Comparator.reverseOrder())
        .skip(waiting.awaited() - 1)
        .findFirst()
        .orElse(0L);
  }

  long confirmedBy(Incarnation standby) {
    return confirmed.getOrDefault(standby, 0L);
  }

  /** How many others have confirmed all up to {@code end}. */
  long copiesOf(long end) {
    return confirmed.values().stream().filter(it -> it >= end).count();
  }
}
