package dev.matriarch.protocol.sim;

import java.util.Comparator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where primaries put WAL, a segment at a time and some time after it was written, and where
 * standbys that receive none get it from. It is reached whatever links are cut. A primary that was
 * superseded archives as long as it runs.
 */
final class Archive {
  /** Who gets WAL from the archive. */
  enum Feeding {
    NOBODY,
    /** Standbys that follow, until they are fenced. */
    STANDBYS,
    /** Standbys also while they are fenced; why this must do no harm is said at {@link Fence}. */
    FENCED_STANDBYS_TOO
  }

  private static final long SEGMENT_BYTES = 64;

  private final World world;

  /** By timeline, its beginning included. */
  private final SortedMap<Integer, Wal> kept = new TreeMap<>();

  Archive(World world) {
    this.world = world;
  }

  private boolean isUsed() {
    return world.surroundings.archive() != Feeding.NOBODY;
  }

  /** The archiver of a primary, as long as this primary runs. */
  void attend(Host host) {
    if (isUsed()) {
      archive(host, host.postgres.run());
    }
  }

  private void archive(Host host, long run) {
    world.time.after(
        world.dice.between(50_000, 500_000),
        () -> {
          if (host.postgres.run() == run && host.postgres.phase == Postgres.Phase.PRIMARY) {
            var wal = host.postgres.wal.orElseThrow();
            put(wal.upTo(wal.end() / SEGMENT_BYTES * SEGMENT_BYTES));
            archive(host, run);
          }
        });
  }

  /** A segment that is there is not replaced. */
  private void put(Wal wal) {
    var there = Optional.ofNullable(kept.get(wal.timeline()));
    if (there.filter(it -> !it.isPrefixOf(wal)).isEmpty()) {
      kept.put(wal.timeline(), wal);
    }
  }

  /** The startup process of a standby, as long as this standby runs. */
  void feed(Host host) {
    if (isUsed()) {
      feed(host, host.postgres.run());
    }
  }

  private void feed(Host host, long run) {
    world.time.after(
        world.dice.between(20_000, 300_000),
        () -> {
          if (host.postgres.run() == run && host.postgres.phase == Postgres.Phase.STANDBY) {
            restore(host);
            feed(host, run);
          }
        });
  }

  private void restore(Host host) {
    var postgres = host.postgres;
    if (!postgres.replication.restores
        || !postgres.hasReplayed()
        || postgres.replication.receives()) {
      return;
    }
    next(postgres.wal.orElseThrow())
        .ifPresent(it -> {
          var fenced = host.agent.orders().fenceFor().isPresent();
          world.marks.reached(fenced ? Mark.FED_BEHIND_ITS_FENCE : Mark.FED_BY_THE_ARCHIVE);
          postgres.wal = Optional.of(it);
        });
  }

  /** What goes on from {@code own}, on the newest timeline, as {@code latest} asks for. */
  private Optional<Wal> next(Wal own) {
    return kept.values().stream()
        .filter(it -> own.isPrefixOf(it) && it.position().compareTo(own.position()) > 0)
        .max(Comparator.comparingInt(Wal::timeline));
  }
}
