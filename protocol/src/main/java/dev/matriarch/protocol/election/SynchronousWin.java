package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * When a candidate may win in synchronous mode.
 *
 * <p>Every acknowledged commit is on {@code copies} members of the set. So among any {@link
 * SyncSet#readQuorum} members, fenced and of the incarnation that the record names, at least one
 * holds it; and whoever holds at least as much as each of them holds all of it.
 */
final class SynchronousWin {
  static final Comparator<ElectionMessage.Promise> BY_POSITION =
      Comparator.comparing((ElectionMessage.Promise it) -> it.position().orElseThrow())
          .thenComparing(ElectionMessage.Promise::from);

  private SynchronousWin() {}

  /** What stands in the way; empty: nothing. */
  static Optional<Fitness> missing(
      Turn turn,
      ClusterRecord adopted,
      SyncSet sync,
      Collection<ElectionMessage.Promise> promises) {
    var mine = ownPosition(turn, promises);
    if (!turn.local.systemIdentifier().equals(adopted.systemIdentifier()) || !mayLead(turn)) {
      return Optional.of(new Fitness.Unfit("this node may not lead"));
    }
    var counted = promises.stream().filter(it -> counts(it, sync, adopted)).toList();
    if (mine.isEmpty() || counted.size() < sync.readQuorum()) {
      return Optional.of(new Fitness.Waits());
    }
    return counted.stream()
        .filter(it -> it.position().orElseThrow().compareTo(mine.get()) > 0)
        .max(BY_POSITION)
        .map(Fitness.Behind::new);
  }

  /** A running primary goes on also if it would not be chosen anew. */
  private static boolean mayLead(Turn turn) {
    return turn.local.able() || turn.local.primaryOn().isPresent();
  }

  private static Optional<Position> ownPosition(
      Turn turn, Collection<ElectionMessage.Promise> promises) {
    return promises.stream()
        .filter(it -> it.from().equals(turn.self()))
        .findFirst()
        .flatMap(ElectionMessage.Promise::position);
  }

  /** WAL on a timeline that the record does not know was never acknowledged. */
  private static boolean counts(
      ElectionMessage.Promise promise, SyncSet sync, ClusterRecord adopted) {
    return promise.fenced()
        && sync.members().contains(promise.incarnation())
        && promise.position().filter(it -> it.timeline() <= adopted.timeline()).isPresent();
  }

  /**
   * The winner is a member from its first record on, in place of an older self. Where one node
   * alone had acknowledged, and has promised, its place is taken: there the winner is alone.
   */
  static SyncSet joined(Turn turn, SyncSet sync) {
    if (sync.members().contains(turn.voter.incarnation())) {
      return sync;
    }
    if (sync.copies() == 1) {
      return alone(turn);
    }
    var members = new HashSet<>(sync.members());
    members.removeIf(it -> it.node().equals(turn.self()));
    members.add(turn.voter.incarnation());
    return new SyncSet(members, sync.copies());
  }

  /** Nobody else is known to hold what this node has. */
  static SyncSet alone(Turn turn) {
    return new SyncSet(Set.of(turn.voter.incarnation()), 1);
  }

  static boolean isMember(SyncSet sync, NodeId node) {
    return sync.members().stream().anyMatch(it -> it.node().equals(node));
  }
}
