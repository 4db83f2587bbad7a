package dev.matriarch.http;

import java.util.Optional;
import java.util.Set;

/**
 * What a health check asks for. Paths are matched by what they contain, in the order of {@link
 * #of}.
 */
enum HealthCheck {
  STANDBY_LEADER,
  LEADER,
  PRIMARY,
  REPLICA,
  READ_ONLY,
  HEALTH,
  SYNC,
  QUORUM,
  ASYNC,
  READ_ONLY_QUORUM,
  READ_ONLY_SYNC;

  private static final Set<HealthCheck> OF_THE_LOCK = Set.of(STANDBY_LEADER, LEADER, PRIMARY);

  /** The check that a path names; empty for every other path. */
  static Optional<HealthCheck> of(String path) {
    return containing(path).or(() -> exact(path));
  }

  /** Whether only the lock counts: tags are no filter then. */
  boolean isOfTheLock() {
    return OF_THE_LOCK.contains(this);
  }

  private static Optional<HealthCheck> containing(String path) {
    if (path.contains("standby-leader") || path.contains("standby_leader")) {
      return Optional.of(STANDBY_LEADER);
    }
    if (path.contains("leader")) {
      return Optional.of(LEADER);
    }
    if (path.equals("/")
        || path.contains("primary")
        || path.contains("master")
        || path.contains("read-write")) {
      return Optional.of(PRIMARY);
    }
    if (path.contains("replica")) {
      return Optional.of(REPLICA);
    }
    if (path.contains("read-only") && !path.contains("sync") && !path.contains("quorum")) {
      return Optional.of(READ_ONLY);
    }
    return path.contains("health") ? Optional.of(HEALTH) : Optional.empty();
  }

  private static Optional<HealthCheck> exact(String path) {
    return switch (path) {
      case "/sync", "/synchronous" -> Optional.of(SYNC);
      case "/quorum" -> Optional.of(QUORUM);
      case "/async", "/asynchronous" -> Optional.of(ASYNC);
      case "/read-only-quorum" -> Optional.of(READ_ONLY_QUORUM);
      case "/read-only-sync", "/read-only-synchronous" -> Optional.of(READ_ONLY_SYNC);
      default -> Optional.empty();
    };
  }
}
