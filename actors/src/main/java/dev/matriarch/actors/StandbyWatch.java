package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.SyncView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The standbys of a leader as the planner sees them: who streams, how much each has confirmed, and
 * since when one is suspected to be gone. Touched by the supervisor only.
 */
final class StandbyWatch {
  private final Map<Incarnation, Duration> suspectedSince = new HashMap<>();

  void forget() {
    suspectedSince.clear();
  }

  boolean anySuspected() {
    return !suspectedSince.isEmpty();
  }

  SyncView view(
      Knowledge knowledge, Incarnation me, ClusterRecord record, boolean proposed, Duration now) {
    var senders = senders(knowledge);
    var known = new HashSet<>(senders.keySet());
    known.addAll(record.sync().map(SyncSet::members).orElse(Set.of()));
    known.remove(me);
    suspectedSince.keySet().retainAll(known);
    var rows = new ArrayList<SyncView.Standby>();
    for (var incarnation : known) {
      rows.add(row(knowledge, incarnation, senders.getOrDefault(incarnation, List.of()), now));
    }
    return new SyncView(me, record.sync(), proposed, knowledge.waitsFor.orElseThrow(), rows, now);
  }

  private SyncView.Standby row(
      Knowledge knowledge,
      Incarnation incarnation,
      List<InstanceStatus.WalSender> senders,
      Duration now) {
    var streaming = senders.stream().anyMatch(it -> it.state().equals("streaming"));
    if (streaming && knowledge.present.contains(incarnation.node())) {
      suspectedSince.remove(incarnation);
    } else {
      suspectedSince.putIfAbsent(incarnation, now);
    }
    return new SyncView.Standby(
        incarnation,
        streaming,
        senders.stream()
            .flatMap(it -> it.flushed().stream())
            .reduce(Lsn.ZERO, (one, other) -> one.compareTo(other) > 0 ? one : other),
        Optional.ofNullable(suspectedSince.get(incarnation)),
        tags(knowledge, incarnation.node()));
  }

  private static Tags tags(Knowledge knowledge, NodeId node) {
    return Optional.ofNullable(knowledge.members.get(node))
        .map(MemberStatus::tags)
        .orElse(Tags.NONE);
  }

  private static Map<Incarnation, List<InstanceStatus.WalSender>> senders(Knowledge knowledge) {
    var senders = new HashMap<Incarnation, List<InstanceStatus.WalSender>>();
    if (knowledge.observed.map(Observation::seen).orElse(new Seen.NoData(false))
        instanceof Seen.Up(var status, _)) {
      for (var sender : status.walSenders()) {
        IncarnationName.parse(sender.applicationName())
            .ifPresent(it -> senders.computeIfAbsent(it, _ -> new ArrayList<>()).add(sender));
      }
    }
    return senders;
  }
}
