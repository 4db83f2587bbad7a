package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.Guarantee;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * The way from the record's set to the wanted one, in changes of which each is safe.
 *
 * <p>A change is safe if one of the two sets, as a setting, guarantees the other as a record. Where
 * neither does: first add whom the wanted set has besides, with as many copies as now; then, if
 * fewer copies are wanted, remove as many members as copies; then remove the rest. No copies are
 * given up on the way, and no change makes it harder to find a read quorum.
 */
final class SyncRoute {
  private SyncRoute() {}

  /**
   * The set that the record gets next.
   *
   * @param wanted not the record's own
   * @param worth of a member: those of less leave first
   */
  static SyncSet next(
      NodeId leader, Optional<SyncSet> record, SyncSet wanted, ToIntFunction<Incarnation> worth) {
    if (record.isEmpty() || isOneChange(leader, record.get(), wanted)) {
      return wanted;
    }
    var now = record.get();
    var newcomers = newcomers(now, wanted);
    if (!newcomers.isEmpty()) {
      var more = new HashSet<>(now.members());
      more.addAll(newcomers);
      return new SyncSet(more, now.copies());
    }
    var staying = new HashSet<>(wanted.members());
    staying.retainAll(now.members());
    if (staying.size() == wanted.members().size()) {
      return remove(now, wanted, worth);
    }
    // Data directories were made anew: the old incarnations have to leave before the new ones come.
    var without = new SyncSet(staying, Math.min(wanted.copies(), staying.size()));
    return isOneChange(leader, now, without) ? without : remove(now, without, worth);
  }

  /** Whether the record may be changed before PostgreSQL. */
  static boolean recordFirst(NodeId leader, Optional<SyncSet> record, SyncSet next) {
    return Guarantee.holds(leader, record, Optional.of(next));
  }

  private static boolean isOneChange(NodeId leader, SyncSet now, SyncSet next) {
    return recordFirst(leader, Optional.of(now), next)
        || Guarantee.holds(leader, Optional.of(next), Optional.of(now));
  }

  /** Whom the wanted set has besides, except new incarnations of nodes that are members. */
  private static Set<Incarnation> newcomers(SyncSet now, SyncSet wanted) {
    var nodes = now.members().stream().map(Incarnation::node).collect(Collectors.toSet());
    return wanted.members().stream()
        .filter(it -> !nodes.contains(it.node()))
        .collect(Collectors.toSet());
  }

  /**
   * With each member that leaves one copy less is certain, and as many members as before are a read
   * quorum. First those leave whose directory was made anew, for they never come back; then those
   * that are not there.
   */
  private static SyncSet remove(SyncSet now, SyncSet smaller, ToIntFunction<Incarnation> worth) {
    var members = new HashSet<>(now.members());
    now.members().stream()
        .filter(it -> !smaller.members().contains(it))
        .sorted(
            Comparator.comparingInt(worth)
                .thenComparing(Incarnation::node)
                .thenComparingLong(Incarnation::number))
        .limit(now.copies() - smaller.copies())
        .forEach(members::remove);
    return new SyncSet(members, smaller.copies());
  }
}
