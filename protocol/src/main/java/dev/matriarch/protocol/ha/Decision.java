package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.model.NodeId;
import java.util.Optional;

/**
 * What to do next, and why: for the log, the history and the REST API. A decision is a wish: the
 * supervisor carries it out, looks at the world again and asks again.
 */
public sealed interface Decision {
  String because();

  record Stay(String because) implements Decision {}

  /** Make a new database cluster and start it as primary. */
  record Initialise(String because) implements Decision {}

  /** Tell the cluster which database cluster this is. */
  record Identify(String systemIdentifier, String because) implements Decision {}

  /** Start as primary on the timeline it was on, after a crash in place. */
  record StartPrimary(int timeline, String because) implements Decision {}

  /** Start as standby; without an upstream it only replays what it has. */
  record StartStandby(Optional<NodeId> upstream, String because) implements Decision {}

  record Promote(int timeline, String because) implements Decision {}

  /** Point the running standby to another upstream. */
  record Follow(NodeId leader, String because) implements Decision {}

  /**
   * Stop PostgreSQL.
   *
   * @param immediate without a checkpoint and without waiting for clients and standbys
   */
  record Stop(boolean immediate, String because) implements Decision {}

  /** Replay the WAL of an unclean shutdown in single-user mode, so that it can be rewound. */
  record RecoverCrash(String because) implements Decision {}

  /** Compare the local WAL with the leader's. */
  record Judge(NodeId leader, String because) implements Decision {}

  record Rewind(NodeId leader, String because) implements Decision {}

  /** Copy the leader's data; what is there is moved aside. */
  record Clone(NodeId leader, String because) implements Decision {}

  /** Cut the running standby off from all WAL, and learn how much it has. */
  record Fence(String because) implements Decision {}

  /** Let the fenced standby receive what it lacks from another fenced one. */
  record Fetch(Orders.Fetch from, String because) implements Decision {}

  /** Give the data the number of their incarnation. */
  record TakeIncarnation(long number, String because) implements Decision {}

  /** Let the lease run out: PostgreSQL can neither serve nor be ended. */
  record Resign(String because) implements Decision {}

  /** Give the lease up; PostgreSQL does not run as primary. */
  record GiveUp(Optional<NodeId> successor, String because) implements Decision {}
}
