package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.Orders;
import java.util.Optional;

/**
 * Carries out what the election orders: no WAL comes in, and none is written, for a ballot.
 *
 * <p>A fence empties {@code restore_command} too, and the proof does not need that. What a fence is
 * for is that no commit is acknowledged behind it, and an acknowledgement is the word of a
 * walreceiver: WAL from the archive gets none. A position that was told is then less than what the
 * node holds, but not less than what it ever confirmed, and that is what a winner has to have. What
 * came besides was either acknowledged by others, who answer for it, or by nobody; where it is past
 * the winner's fork it is rewound like any other. So there is no rule here whose absence walks
 * could notice; instead, half of the worlds with an archive leave it on ({@link
 * Archive.Feeding#FENCED_STANDBYS_TOO}). It is emptied because a position that stays lets {@link
 * dev.matriarch.protocol.election.LossBound} and the history's fork be exact, and because a startup
 * process with nothing to ask for tells that all is replayed.
 */
final class Fence {
  private final Host host;
  private final World world;
  private final Agent agent;
  private final Supervisor supervisor;
  private final Postgres postgres;
  private Optional<Ballot> confirmed = Optional.empty();
  private boolean fetching;

  Fence(Host host, Agent agent, Supervisor supervisor) {
    this.host = host;
    this.agent = agent;
    this.supervisor = supervisor;
    world = host.world;
    postgres = host.postgres;
  }

  /** The ballot that it is fenced for. */
  Optional<Ballot> confirmed() {
    return confirmed;
  }

  /** True: there is an order, and nothing else is to be done. */
  boolean keep(Orders orders) {
    if (orders.fenceFor().isEmpty()) {
      confirmed = Optional.empty();
      return false;
    }
    if (postgres.stopping) {
      return true;
    }
    if (postgres.phase == Postgres.Phase.REBUILDING) {
      supervisor.rejoining.abandon();
    }
    if (supervisor.acting) {
      return true;
    }
    var ballot = orders.fenceFor().get();
    switch (postgres.phase) {
      case PRIMARY, PROMOTING -> stop(ballot);
      case STANDBY -> standby(ballot, orders);
      case STOPPED -> {
        if (supervisor.rejoining.isForeign()) {
          confirmed = Optional.of(ballot);
        } else {
          supervisor.startStandby();
        }
      }
      case NONE, REBUILDING -> confirmed = Optional.of(ballot);
    }
    return true;
  }

  private void stop(Ballot ballot) {
    if (world.mutation == Mutation.PRIMARY_RUNS_ON_WHEN_FENCED) {
      confirmed = Optional.of(ballot);
      return;
    }
    world.marks.reached(Mark.FENCED_BY_A_STOP);
    postgres.stop();
  }

  private void standby(Ballot ballot, Orders orders) {
    if (confirmed.equals(Optional.of(ballot))) {
      orders.fetch().ifPresent(this::fetch);
      return;
    }
    // Fenced for a lower ballot, and nothing was followed since.
    if (confirmed.isPresent() || world.mutation == Mutation.FENCED_WITHOUT_STOPPING_THE_STREAM) {
      confirmed = Optional.of(ballot);
      return;
    }
    supervisor.acting = true;
    var slow = world.hostile && world.dice.hits(0.2);
    agent.later(
        Math.max(host.fenceMinUs, world.dice.between(1_000, slow ? 600_000 : 20_000)),
        () -> {
          supervisor.acting = false;
          if (postgres.phase == Postgres.Phase.STANDBY) {
            postgres.replication.disconnect();
            postgres.replication.restores &= postgres.fenceLeavesTheArchive();
            confirmed = Optional.of(ballot);
            world.marks.reached(Mark.FENCED);
            supervisor.reportIfNew();
          }
        });
  }

  /** By streaming, as the cascade of a node that is fenced itself. */
  private void fetch(Orders.Fetch fetch) {
    var from = world.host(fetch.from()).postgres;
    if (world.mutation == Mutation.FETCHED_UNDER_A_NEWER_PROMISE) {
      fetchAnyhow(from);
      return;
    }
    supervisor.acting = true;
    agent.later(
        world.dice.between(5_000, 200_000),
        () -> {
          supervisor.acting = false;
          if (agent.orders().fetch().equals(Optional.of(fetch))
              && postgres.phase == Postgres.Phase.STANDBY
              && from.phase == Postgres.Phase.STANDBY
              && postgres.hasReplayed()
              && from.hasReplayed()
              && world.network.linked(fetch.from(), host.id)
              && from.wal.isPresent()
              && postgres.wal.filter(it -> it.isPrefixOf(from.wal.get())).isPresent()) {
            world.marks.reached(Mark.FETCHED);
            postgres.wal = from.wal;
            supervisor.reportIfNew();
          }
        });
  }

  /** Whatever it promises and follows meanwhile: in the end it has what the other one held. */
  private void fetchAnyhow(Postgres from) {
    var fetched = from.wal;
    if (fetching || fetched.isEmpty()) {
      return;
    }
    fetching = true;
    agent.later(
        world.dice.between(5_000, 2_000_000),
        () -> {
          fetching = false;
          if (postgres.phase == Postgres.Phase.STANDBY) {
            postgres.wal = fetched;
            supervisor.reportIfNew();
          }
        });
  }
}
