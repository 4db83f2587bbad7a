package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Steady;
import dev.matriarch.protocol.model.Tags;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the leader knows when it decides about the synchronous set.
 *
 * @param record the chosen record's set; absent: asynchronous
 * @param proposed a change of the set was proposed and its outcome is not known; one whose outcome
 *     nobody knows, since the leader had to stand again meanwhile, counts until it is elected anew:
 *     a winner may adopt the record with or without it
 * @param standbys one row per incarnation; a member of the record without a row counts as gone
 * @param now monotonic, the clock of {@link Standby#suspectedSince}
 */
public record SyncView(
    Incarnation leader,
    Optional<SyncSet> record,
    boolean proposed,
    Postgres postgres,
    List<Standby> standbys,
    Duration now) {

  public SyncView {
    standbys = List.copyOf(standbys);
  }

  /**
   * The primary's own state.
   *
   * @param inUse every setting that some process of it may still go by; empty: not known
   * @param asked the setting that was asked for last
   * @param proven the set that all processes go by, and under which all WAL written before is on as
   *     many members as it says
   */
  public record Postgres(Set<SyncSetting> inUse, SyncSetting asked, Optional<SyncSet> proven) {
    public Postgres {
      inUse = Steady.set(inUse);
    }

    boolean inForce(SyncSetting setting) {
      return asked.equals(setting) && inUse.equals(Set.of(setting));
    }

    /** Everything that commits are, or are about to be, acknowledged by. */
    Set<SyncSetting> possible() {
      var all = new HashSet<>(inUse);
      all.add(asked);
      return all;
    }
  }

  /**
   * A standby as the leader sees it.
   *
   * @param streaming it receives WAL from this primary, and has caught up once
   * @param confirmed up to where its WAL is known to be safe
   * @param settled its agent has said that these data have this number, and where they end: they
   *     are not about to get another one
   * @param suspectedSince when it fell silent or lost its connection; absent: it is well
   */
  public record Standby(
      Incarnation incarnation,
      boolean streaming,
      boolean settled,
      Lsn confirmed,
      Optional<Duration> suspectedSince,
      Tags tags) {

    boolean isWell() {
      return streaming && suspectedSince.isEmpty();
    }

    /** It is suspected, and not for longer than a reconnection may take. */
    boolean mayReturn(Duration now, Duration patience) {
      return suspectedSince.filter(it -> now.minus(it).compareTo(patience) < 0).isPresent();
    }
  }

  boolean isMember(Incarnation incarnation) {
    return record.filter(it -> it.members().contains(incarnation)).isPresent();
  }

  /** How many of the set are there: the leader, and standbys that are well. */
  long present(SyncSet set) {
    return set.members().stream().filter(this::isPresent).count();
  }

  /** 2: it is there; 1: it is not; 0: its node is there with other data. */
  int worth(Incarnation member) {
    if (isPresent(member)) {
      return 2;
    }
    var isReplaced =
        standbys.stream()
            .anyMatch(it -> it.isWell() && it.incarnation().node().equals(member.node()));
    return isReplaced ? 0 : 1;
  }

  boolean isPresent(Incarnation incarnation) {
    return incarnation.equals(leader)
        || standbys.stream().anyMatch(it -> it.incarnation().equals(incarnation) && it.isWell());
  }
}
