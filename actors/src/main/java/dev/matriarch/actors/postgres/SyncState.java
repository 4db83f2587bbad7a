package dev.matriarch.actors.postgres;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.sync.StandbyNames;
import dev.matriarch.protocol.sync.SyncView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the local PostgreSQL waits for before it acknowledges commits.
 *
 * @param possible all values that some process may still go by
 * @param asked the value that was asked for last
 * @param proven the value that all go by, if all WAL written before is on as many standbys as it
 *     says
 * @param seen whether PostgreSQL has been looked at at all; it may say the same that is assumed
 *     before
 */
public record SyncState(
    List<StandbyNames> possible, StandbyNames asked, Optional<StandbyNames> proven, boolean seen) {

  /** Nothing is known: it may wait for nobody. */
  public static final SyncState UNKNOWN =
      new SyncState(List.of(StandbyNames.NONE), StandbyNames.NONE, Optional.empty(), false);

  public SyncState {
    possible = List.copyOf(possible);
  }

  /** As seen. */
  SyncState(List<StandbyNames> possible, StandbyNames asked, Optional<StandbyNames> proven) {
    this(possible, asked, proven, true);
  }

  /** Where it cannot be seen any more, nothing is proven. */
  SyncState unproven() {
    return new SyncState(possible, asked, Optional.empty(), seen);
  }

  /** For the planner. */
  public SyncView.Postgres postgres(Incarnation leader) {
    return new SyncView.Postgres(
        possible.stream().map(it -> it.meaning(leader)).collect(Collectors.toSet()),
        asked.meaning(leader),
        provenSet(leader));
  }

  /** For the election: every setting that some process may still go by. */
  public Set<Optional<SyncSet>> settings(Incarnation leader) {
    return possible.stream()
        .map(it -> it.meaning(leader).waitsFor())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** For the election: the set that is proven. */
  public Optional<SyncSet> provenSet(Incarnation leader) {
    return proven.flatMap(it -> it.meaning(leader).waitsFor());
  }
}
