package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;

/** What happens to a node. {@code now} is the host's monotonic clock. */
public sealed interface Input {
  Duration now();

  /** Time has passed. {@code jitter} is random, up to one rank step. */
  record Tick(Duration now, Duration jitter) implements Input {}

  record Received(Duration now, ElectionMessage message, Duration jitter) implements Input {}

  record LocalChanged(Duration now, Local local) implements Input {}

  /** Somebody wants the record changed; the outcome is an {@link Effect.Decided}. */
  record Propose(Duration now, long id, RecordChange change) implements Input {}

  /**
   * An operator makes this node the leader, and accepts that commits are lost which only others
   * hold. Nothing happens while a leader is heard.
   *
   * @param reason for the history
   */
  record Force(Duration now, String reason) implements Input {}

  /**
   * The own PostgreSQL has stopped, and the lease shall go.
   *
   * @param upTo the end of its WAL, after an orderly shutdown; absent: not known
   * @param because what made the leader go, for the history; absent: nothing wrong
   */
  record GiveUp(
      Duration now,
      Optional<NodeId> successor,
      Optional<Position> upTo,
      Optional<String> because,
      Duration jitter)
      implements Input {}

  /**
   * The own PostgreSQL can neither serve nor be ended, so the lease cannot be released; it shall
   * not be renewed any more.
   */
  record Resign(Duration now) implements Input {}
}
