package dev.matriarch.actors.postgres;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which servers may be used in synchronous mode. Older ones may acknowledge commits that no standby
 * has right after a start: backends did not wait until the checkpointer had read the setting (fixed
 * in May 2025 in all branches; {@code SYNC_STANDBY_INIT} in {@code syncrep.c}).
 */
public final class SyncVersions {
  private static final SortedMap<Integer, Integer> FIRST_MINOR =
      new TreeMap<>(Map.of(15, 13, 16, 9, 17, 5));

  private SyncVersions() {}

  /** Why this version must not be used, and what to do; empty: it may. */
  public static Optional<String> problem(PgVersion version) {
    var first = FIRST_MINOR.get(version.major());
    var good = first == null ? version.major() > FIRST_MINOR.lastKey() : version.minor() >= first;
    return good
        ? Optional.empty()
        : Optional.of(
            "synchronous mode needs PostgreSQL 15.13, 16.9, 17.5 or newer, this is %s: %s"
                .formatted(
                    version,
                    first == null
                        ? "upgrade it, or set synchronous_mode to off"
                        : "install %d.%d or newer, or set synchronous_mode to off"
                            .formatted(version.major(), first)));
  }

  /**
   * As {@link #problem(PgVersion)} for a running server.
   *
   * @param serverVersion {@code server_version_num}, 150018 for 15.18
   */
  public static Optional<String> problem(int serverVersion) {
    return problem(new PgVersion(serverVersion / 10_000, serverVersion % 10_000));
  }
}
