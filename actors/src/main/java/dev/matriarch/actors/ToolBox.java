package dev.matriarch.actors;

import dev.matriarch.actors.postgres.OsUser;
import dev.matriarch.actors.postgres.PgBinaries;
import dev.matriarch.actors.postgres.PgVersion;
import dev.matriarch.config.PostgresSettings;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The programs and the user that fit the data directory. Finding them runs programs, which would be
 * a good part of the time that a crashed primary needs to come back, so what was found is kept for
 * each major version.
 */
final class ToolBox {
  /** What fits the data directory. */
  record Tools(PgBinaries binaries, OsUser user) {}

  /** What a search brought. */
  sealed interface Search {
    record Found(Tools tools) implements Search {}

    /** {@code reason} says what to do. */
    record Missing(String reason) implements Search {}
  }

  private final PostgresSettings settings;
  private final Map<Optional<Integer>, Tools> found = new ConcurrentHashMap<>();

  ToolBox(PostgresSettings settings) {
    this.settings = settings;
  }

  Search find() {
    var major = PgVersion.majorOf(settings.dataDir());
    var known = found.get(major);
    if (known != null) {
      return new Search.Found(known);
    }
    var search = search(major);
    if (search instanceof Search.Found(var tools) && major.isPresent()) {
      found.put(major, tools);
    }
    return search;
  }

  private Search search(Optional<Integer> major) {
    try {
      return switch (PgBinaries.find(settings.binDir(), major)) {
        case PgBinaries.Search.Found(var binaries) ->
            new Search.Found(new Tools(binaries, OsUser.of(settings.dataDir())));
        case PgBinaries.Search.Missing(var reason) -> new Search.Missing(reason);
      };
    } catch (IllegalStateException e) {
      return new Search.Missing(String.valueOf(e.getMessage()));
    }
  }
}
