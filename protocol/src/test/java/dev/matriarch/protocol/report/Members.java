package dev.matriarch.protocol.report;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.Voter;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.InstanceDetail;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import dev.matriarch.protocol.status.WritePathStatus;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The cluster {@code a b c} in term 7 on timeline 3, seen by {@code a} at {@link #NOW}; a's lease
 * ends two seconds later. The primary is at 1000.
 */
final class Members {
  static final NodeId A = new NodeId("a");
  static final NodeId B = new NodeId("b");
  static final NodeId C = new NodeId("c");
  static final Duration NOW = Duration.ofSeconds(100);
  static final String SYSTEM = "7001";
  static final long END = 1000;

  final Map<NodeId, MemberStatus> heard = new TreeMap<>();
  Optional<NodeId> leader = Optional.of(A);
  Optional<SyncSet> set = Optional.empty();
  Electorate voters = voters(A, B, C);
  boolean founded = true;
  private WritePathStatus writePath = WritePathStatus.WELL;
  Duration leaseUntil = NOW.plusSeconds(2);

  /** a leads, b and c stream and have everything. */
  static Members healthy() {
    var members = new Members();
    members.hears(new One(A).primary());
    members.hears(new One(B));
    members.hears(new One(C));
    return members;
  }

  static Electorate voters(NodeId... nodes) {
    var voters = Electorate.ofUnheard(List.of(A, B, C));
    for (var node : nodes) {
      voters = voters.with(new Voter(node, new StoreId("store-" + node)));
    }
    return voters;
  }

  static SyncSet set(int copies, NodeId... nodes) {
    var members = new HashSet<Incarnation>();
    for (var node : nodes) {
      members.add(new Incarnation(node, 1));
    }
    return new SyncSet(members, copies);
  }

  Members hears(One one) {
    heard.put(one.node, one.status());
    return this;
  }

  Members writing(WritePathStatus status) {
    writePath = status;
    return this;
  }

  Members silent(NodeId node) {
    heard.remove(node);
    return this;
  }

  Members set(Optional<SyncSet> newSet) {
    set = newSet;
    return this;
  }

  Members leader(Optional<NodeId> node) {
    leader = node;
    return this;
  }

  NodeView view() {
    var record =
        new ClusterRecord(
            7,
            Optional.of(A),
            Optional.of(A),
            3,
            voters,
            Optional.empty(),
            set,
            List.of(),
            5_000,
            Optional.of(SYSTEM),
            Map.of());
    return new NodeView(
        "main",
        new One(A).status(),
        InstanceDetail.NONE,
        leader.equals(Optional.of(A)),
        leader.equals(Optional.of(A)) ? leaseUntil : Duration.ZERO,
        leader,
        new TreeMap<>(heard),
        List.of(A, B, C),
        Optional.of(record).filter(_ -> founded),
        Optional.empty(),
        false,
        NOW,
        "stay",
        writePath,
        FailoverLog.EMPTY);
  }

  /** One member: a standby that streams and has everything, unless told otherwise. */
  static final class One {
    final NodeId node;
    boolean witness;
    PgState state = PgState.RUNNING;
    PgRole role = PgRole.REPLICA;
    int timeline = 3;
    Optional<Long> end = Optional.of(END);
    boolean streams = true;
    Optional<String> system = Optional.of(SYSTEM);
    Tags tags = Tags.NONE;
    long incarnation = 1;
    Optional<Ability> ability = Optional.of(Ability.FREE);

    One(NodeId node) {
      this.node = node;
    }

    One primary() {
      role = PgRole.PRIMARY;
      streams = false;
      return this;
    }

    One witness() {
      witness = true;
      return empty();
    }

    One empty() {
      role = PgRole.UNINITIALIZED;
      system = Optional.empty();
      return stopped();
    }

    One stopped() {
      state = PgState.STOPPED;
      end = Optional.empty();
      streams = false;
      return this;
    }

    One end(long bytes) {
      end = Optional.of(bytes);
      return this;
    }

    One timeline(int number) {
      timeline = number;
      return this;
    }

    One broken() {
      streams = false;
      return this;
    }

    One system(String identifier) {
      system = Optional.of(identifier);
      return this;
    }

    One tags(Map<String, Object> values) {
      tags = new Tags(values);
      return this;
    }

    One incarnation(long number) {
      incarnation = number;
      return this;
    }

    One ability(Optional<Ability> newAbility) {
      ability = newAbility;
      return this;
    }

    MemberStatus status() {
      var primary = role == PgRole.PRIMARY;
      var lsn = end.map(Lsn::new);
      return new MemberStatus(
          node,
          "0.1.0",
          "http://10.0.0.1:8008/patroni",
          witness ? Optional.empty() : Optional.of(new Endpoint("10.0.0.1", 5432)),
          state,
          role,
          end.map(_ -> timeline),
          lsn.filter(_ -> primary),
          lsn.filter(_ -> !primary),
          lsn.filter(_ -> !primary),
          streams ? Optional.of("streaming") : Optional.empty(),
          system,
          Optional.of(SYSTEM),
          Optional.of(150_012),
          tags,
          false,
          false,
          primary,
          "",
          Set.of(),
          Optional.of(incarnation),
          ability);
    }
  }
}
