package dev.matriarch.actors;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import java.util.Optional;
import java.util.Set;

/** What members say of themselves. */
final class Statuses {
  private Statuses() {}

  /** One that knows nothing of itself yet. */
  static MemberStatus of(NodeId node) {
    return status(node, Optional.empty(), PgRole.UNINITIALIZED, Optional.empty(), Optional.empty());
  }

  static MemberStatus at(NodeId node, String received) {
    return status(
        node, Optional.empty(), PgRole.REPLICA, Optional.empty(), Optional.of(Lsn.parse(received)));
  }

  static MemberStatus primary(NodeId node, Endpoint postgres, int timeline) {
    return status(
        node, Optional.of(postgres), PgRole.PRIMARY, Optional.of(timeline), Optional.empty());
  }

  /** A standby that receives what the leader writes; these data are known by their number. */
  static MemberStatus streaming(Incarnation data, Endpoint postgres, String received) {
    return status(
        data.node(),
        Optional.of(postgres),
        PgRole.REPLICA,
        Optional.of(1),
        Optional.of(Lsn.parse(received)),
        Optional.of("streaming"),
        Optional.of(data.number()));
  }

  /** As above, of one that has lost its connection. */
  static MemberStatus cutOff(Incarnation data, Endpoint postgres, String received) {
    return status(
        data.node(),
        Optional.of(postgres),
        PgRole.REPLICA,
        Optional.of(1),
        Optional.of(Lsn.parse(received)),
        Optional.empty(),
        Optional.of(data.number()));
  }

  private static MemberStatus status(
      NodeId node,
      Optional<Endpoint> postgres,
      PgRole role,
      Optional<Integer> timeline,
      Optional<Lsn> received) {
    return status(node, postgres, role, timeline, received, Optional.empty(), Optional.empty());
  }

  private static MemberStatus status(
      NodeId node,
      Optional<Endpoint> postgres,
      PgRole role,
      Optional<Integer> timeline,
      Optional<Lsn> received,
      Optional<String> replication,
      Optional<Long> incarnation) {
    return new MemberStatus(
        node,
        "0.1.0",
        "http://127.0.0.1:8008/patroni",
        postgres,
        role == PgRole.UNINITIALIZED ? PgState.STOPPED : PgState.RUNNING,
        role,
        timeline,
        Optional.empty(),
        received,
        Optional.empty(),
        replication,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Tags.NONE,
        false,
        false,
        role == PgRole.PRIMARY,
        "",
        Set.of(),
        incarnation,
        Optional.empty());
  }
}
