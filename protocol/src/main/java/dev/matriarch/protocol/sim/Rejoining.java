package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.ha.Divergence;
import dev.matriarch.protocol.ha.TimelineClaim;
import dev.matriarch.protocol.ha.TimelineHistory;
import dev.matriarch.protocol.model.NodeId;
import java.util.List;

/** How a node gets behind the leader: as it is, rewound, or cloned anew. */
final class Rejoining {
  private final Host host;
  private final World world;
  private final Agent agent;
  private final Supervisor supervisor;
  private final Postgres postgres;
  private long number;

  Rejoining(Host host, Agent agent, Supervisor supervisor) {
    this.host = host;
    this.agent = agent;
    this.supervisor = supervisor;
    world = host.world;
    postgres = host.postgres;
  }

  void follow(LeaseView view) {
    if (!(view instanceof LeaseView.Theirs(var leader, var record)) || host.witness) {
      return;
    }
    var upstream = world.host(leader).postgres;
    if (upstream.phase != Postgres.Phase.PRIMARY
        || upstream.timeline() != record.timeline()
        || !world.network.linked(leader, host.id)
        || record.systemIdentifier().isEmpty()
        || (postgres.runs() && !postgres.hasReplayed())
        || (postgres.wal.isPresent() && foreignTo(record))) {
      return;
    }
    // It streams under the name of its incarnation, so the directory has its number before.
    if (postgres.phase == Postgres.Phase.STANDBY
        && postgres.replication.incarnation != agent.state.voter().incarnation().number()) {
      return;
    }
    var isReady = world.host(leader).lease().isPresent();
    if (postgres.phase == Postgres.Phase.STANDBY && !isReady) {
      // Its agent has not said that this is the leader's PostgreSQL; the stream fails if it is not.
      postgres.replication.stream(world.host(leader), record.timeline());
    } else if (postgres.phase == Postgres.Phase.STANDBY
        && canFollow(postgres.wal.orElseThrow(), upstream.wal.orElseThrow())) {
      postgres.replication.stream(world.host(leader), record.timeline());
    } else if (isReady) {
      rebuild(leader);
    }
  }

  /** By what the two tell of their timelines; only the referee sees their WAL itself. */
  private boolean canFollow(Wal own, Wal leaders) {
    var history = own.timeline() == leaders.timeline() ? TimelineHistory.EMPTY : leaders.history();
    var judged =
        Divergence.judge(
            new Divergence.LocalWal(Divergence.Origin.REPLICA, own.position()),
            new Divergence.LeaderWal(leaders.timeline(), history));
    world.referee.judged(host, own, leaders, judged);
    return switch (judged) {
      case Divergence.Same _, Divergence.Behind _ -> true;
      case Divergence.Diverged _, Divergence.RewindDecides _, Divergence.Unknown _ -> false;
    };
  }

  /**
   * Whether the directory was primary where the record knows another leader, or none. It stays so
   * when the store that knew it is lost.
   */
  boolean isForeign() {
    var history = host.disk.record().map(ClusterRecord::history).orElse(List.of());
    postgres.disowned |=
        world.mutation != Mutation.HAND_PROMOTED_DATA_COUNT
            && postgres
                .primaryOnDisk
                .filter(it -> !TimelineClaim.isGiven(host.id, it, postgres.promotedTo, history))
                .isPresent();
    return postgres.disowned;
  }

  private boolean foreignTo(ClusterRecord record) {
    return !record.systemIdentifier().equals(postgres.wal.map(Wal::systemIdentifier));
  }

  /** Rewinds, or clones; until it is done there are no data. */
  private void rebuild(NodeId leader) {
    world.marks.reached(Mark.REWOUND);
    supervisor.acting = true;
    postgres.replication.disconnect();
    // What is copied anew is another incarnation, and does not count for what the old one held.
    var rewinds =
        postgres.wal.isPresent()
            && !postgres.cloning
            && !isForeign()
            && (world.dice.hits(0.7) || !world.referee.canSpareData(host));
    postgres.cloning = !rewinds;
    postgres.phase = Postgres.Phase.REBUILDING;
    var thisNumber = ++number;
    var theirRun = world.host(leader).postgres.run();
    agent.later(
        world.dice.between(50_000, 600_000),
        () -> {
          if (thisNumber != number) {
            return;
          }
          supervisor.acting = false;
          var upstream = world.host(leader).postgres;
          // A copy ends with the server that it is made from.
          if (upstream.phase == Postgres.Phase.PRIMARY
              && upstream.run() == theirRun
              && world.network.linked(leader, host.id)) {
            if (rewinds) {
              postgres.keeps(upstream.wal.orElseThrow());
            } else {
              postgres.has(upstream.wal.orElseThrow());
            }
          }
        });
  }

  /** What was half done is no data; but nothing had begun yet if the data are needed. */
  void abandon() {
    number++;
    supervisor.acting = false;
    if (postgres.wal.isEmpty() || world.referee.canSpareData(host)) {
      postgres.wiped();
    } else {
      postgres.phase = Postgres.Phase.STOPPED;
      postgres.cloning = false;
    }
  }
}
