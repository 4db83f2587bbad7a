package dev.matriarch.protocol.sync;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.SyncView.Standby;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The set that should be, with the standbys that are there now. */
final class SyncTarget {
  private SyncTarget() {}

  /** Absent: asynchronous mode, or, in strict mode, that there never was a standby. */
  static Optional<SyncSet> of(SyncPolicy policy, SyncView view) {
    if (policy.mode() == SyncMode.OFF) {
      return Optional.empty();
    }
    var fit = fit(policy, view);
    if (fit.isEmpty()) {
      return policy.strict() || somebodyMayReturn(view)
          ? view.record()
          : Optional.of(new SyncSet(Set.of(view.leader()), 1));
    }
    var copies = Math.min(policy.nodeCount(), fit.size()) + 1;
    var members = new HashSet<Incarnation>();
    members.add(view.leader());
    for (var it : policy.mode() == SyncMode.QUORUM ? fit : fit.subList(0, copies - 1)) {
      members.add(it.incarnation());
    }
    return Optional.of(new SyncSet(members, copies));
  }

  /**
   * With the last standby goes all that a fail-over could be made with, and no commit gets any
   * sooner to anybody else: a new leader's standbys, say, are just about to connect.
   */
  private static boolean somebodyMayReturn(SyncView view) {
    return view.standbys().stream()
        .anyMatch(it ->
            view.isMember(it.incarnation())
                && it.suspectedSince()
                    .filter(since -> view.now().minus(since).compareTo(SyncPolicy.ALONE_AFTER) < 0)
                    .isPresent());
  }

  /** The best one first, one incarnation of each node. */
  private static List<Standby> fit(SyncPolicy policy, SyncView view) {
    var usable = view.standbys().stream().filter(it -> isUsable(policy, view, it)).toList();
    var best = usable.stream().map(Standby::confirmed).max(Comparator.naturalOrder());
    var nodes = new HashSet<NodeId>();
    var fit = new ArrayList<Standby>();
    for (var it : usable.stream().sorted(order(view)).toList()) {
      if (keepsUp(policy, it, best.orElse(Lsn.ZERO)) && nodes.add(it.incarnation().node())) {
        fit.add(it);
      }
    }
    return List.copyOf(fit);
  }

  /**
   * A member may reconnect; a newcomer has to be well from the start, and to keep its number: a
   * member that is never there again costs a later election one of those it has to read.
   */
  private static boolean isUsable(SyncPolicy policy, SyncView view, Standby standby) {
    var node = standby.incarnation().node();
    if (node.equals(view.leader().node())
        || standby.tags().syncPriority() <= 0
        || !IncarnationName.canName(node)) {
      return false;
    }
    return (standby.isWell() && (standby.settled() || view.isMember(standby.incarnation())))
        || (standby.mayReturn(view.now(), policy.patience())
            && view.isMember(standby.incarnation())
            && view.standbys().stream()
                .noneMatch(it -> it.isWell() && it.incarnation().node().equals(node)));
  }

  private static boolean keepsUp(SyncPolicy policy, Standby standby, Lsn best) {
    return policy.lagMaxBytes().isEmpty()
        || standby.confirmed().bytesBehind(best) <= policy.lagMaxBytes().getAsLong();
  }

  /**
   * Members before others, so that equal standbys are not exchanged for each other; those that
   * PostgreSQL was already asked for next, so that a change is not given up because another standby
   * got a few bytes ahead.
   */
  private static Comparator<Standby> order(SyncView view) {
    var asked = view.postgres().asked().waitsFor();
    return Comparator.comparing((Standby it) -> !it.tags().mayLead())
        .thenComparing(it -> it.tags().syncPriority(), Comparator.reverseOrder())
        .thenComparing(it -> !view.isMember(it.incarnation()))
        .thenComparing(
            it -> asked.filter(set -> set.members().contains(it.incarnation())).isEmpty())
        .thenComparing(Standby::confirmed, Comparator.reverseOrder())
        .thenComparing(it -> it.incarnation().node())
        .thenComparingLong(it -> it.incarnation().number());
  }
}
