package dev.matriarch.actors;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;

/** What the local PostgreSQL is now, made of what was seen of it and of what is done with it. */
record LocalInstance(Knowledge knowledge, Duration now) {

  Instance instance() {
    if (knowledge.witness) {
      return new Instance.Absent();
    }
    if (knowledge.busy.equals(Optional.of(Operation.PROMOTE))) {
      return new Instance.Promoting(knowledge.becoming.orElse(knowledge.timeline()));
    }
    return knowledge.observed.map(it -> instance(it.seen())).orElseGet(Instance.Unseen::new);
  }

  private Instance instance(Seen seen) {
    return switch (seen) {
      case Seen.NoData(var remains) -> new Instance.Empty(remains);
      case Seen.Unusable(var reason) -> new Instance.Unusable(reason);
      case Seen.Down(var id, var newest, var shutdown) ->
          new Instance.Stopped(id, newest.timeline(), shutdown);
      case Seen.Killed() -> new Instance.Killed();
      case Seen.Starting(var id, var asPrimary) -> new Instance.Starting(id, asPrimary);
      case Seen.Promoting _ ->
          new Instance.Promoting(knowledge.becoming.orElse(knowledge.timeline()));
      case Seen.Silent(var id, _, var asPrimary) ->
          new Instance.Silent(
              id,
              asPrimary || knowledge.becoming.isPresent(),
              now.minus(knowledge.silentSince.orElse(now)));
      case Seen.Up(var status, _) ->
          switch (status.role()) {
            case InstanceStatus.Primary(var timeline, _, var flushed) ->
                new Instance.Primary(status.systemIdentifier(), new Position(timeline, flushed));
            case InstanceStatus.Standby standby ->
                new Instance.Standby(
                    status.systemIdentifier(),
                    knowledge
                        .sealing
                        .measured()
                        .orElseGet(() -> knowledge.sealing.atLeast(standby.position())),
                    standby.received().isPresent(),
                    followed(standby),
                    source(standby),
                    knowledge.notStreamingSince.map(now::minus).orElse(Duration.ZERO));
          };
    };
  }

  /** The upstream, if this node is known to it by the right name; else it is to follow anew. */
  private Optional<NodeId> followed(InstanceStatus.Standby standby) {
    var wanted =
        PostgresHost.applicationName(knowledge.self, knowledge.dynamic(), knowledge.incarnation);
    return upstream(standby)
        .filter(_ -> standby.upstream().applicationName().equals(Optional.of(wanted)));
  }

  /** The member whose PostgreSQL the upstream setting names. */
  private Optional<NodeId> upstream(InstanceStatus.Standby standby) {
    return standby.upstream().endpoint().flatMap(knowledge.addresses::nodeAt);
  }

  private Optional<Local.Source> source(InstanceStatus.Standby standby) {
    return upstream(standby)
        .flatMap(node ->
            standby
                .walReceiver()
                .filter(it -> it.status().equals("streaming"))
                .map(it -> new Local.Source(node, it.timeline())));
  }
}
