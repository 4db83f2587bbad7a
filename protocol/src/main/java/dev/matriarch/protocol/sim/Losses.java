package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.model.Position;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the adversary does to stores and data: never more at once than a cluster can spare, and
 * never one soon after another.
 */
final class Losses {
  private static final long APART_US = 4_000_000;
  private static final long FORGOTTEN_MAX = 200;

  private final World world;
  private final Faults faults;
  private final Dice dice;
  private long nextAtUs;

  /** What the leader had at some time. */
  private Optional<Wal> backup = Optional.empty();

  Losses(World world, Faults faults) {
    this.world = world;
    this.faults = faults;
    dice = world.dice;
  }

  void backUp() {
    if (dice.hits(0.1)) {
      world.hosts().stream()
          .filter(it -> it.lease().isPresent() && it.postgres.phase == Postgres.Phase.PRIMARY)
          .findFirst()
          .ifPresent(it -> backup = it.postgres.wal);
    }
  }

  // --- stores

  /** Only one at a time: what the last one said is no longer under way when the next one goes. */
  private boolean storeMayGo(Host host) {
    var may =
        host.on
            && host.postgres.primaryOn().isEmpty()
            && world.time.nowUs() >= nextAtUs
            && world.referee.canSpareStore(host);
    if (may) {
      nextAtUs = world.time.nowUs() + APART_US;
    }
    return may;
  }

  void loseStore() {
    loseStore(faults.anybody(), dice.between(50_000, 1_000_000));
  }

  boolean loseStore(Host host, long forUs) {
    var may = storeMayGo(host);
    if (may) {
      faults.note(host, "its store is lost");
      world.marks.reached(Mark.STORE_LOST);
      host.crash(forUs);
      host.loseStore();
    }
    return may;
  }

  /** PostgreSQL goes on meanwhile. */
  boolean exchangeStore(Host host) {
    var may = host.agent.up && storeMayGo(host);
    if (may) {
      faults.note(host, "its agent restarts without its store");
      world.marks.reached(Mark.STORE_LOST);
      host.loseStore();
      host.agent.restart(dice.between(1_000, 10_000));
    }
    return may;
  }

  void findStore() {
    findStore(faults.anybody(), dice.between(50_000, 1_000_000));
  }

  boolean findStore(Host host, long forUs) {
    var may = host.lostDisk.isPresent() && storeMayGo(host);
    if (may) {
      faults.note(host, "its lost store is found again");
      world.marks.reached(Mark.STORE_FOUND_AGAIN);
      host.crash(forUs);
      host.findStore();
    }
    return may;
  }

  /** A configured member that answers gets its vote back at once: two changes of voters. */
  void removeVoter() {
    var leader = faults.leaderOrAnybody();
    if (leader.agent.up && world.time.nowUs() >= nextAtUs) {
      nextAtUs = world.time.nowUs() + APART_US;
      var node = dice.of(List.copyOf(world.members()));
      faults.note(leader, "an operator takes the vote of " + node);
      leader.agent.propose(new RecordChange.Disenfranchise(node));
    }
  }

  // --- data

  private boolean dataMayGo(Host host, Mark how) {
    var may =
        host.on
            && host.postgres.wal.isPresent()
            && world.time.nowUs() >= nextAtUs
            && world.setup.synchronous()
            && world.referee.canSpareData(host);
    if (may) {
      nextAtUs = world.time.nowUs() + APART_US;
      world.marks.reached(how);
    }
    return may;
  }

  void wipe() {
    var host = faults.anybody();
    if (dataMayGo(host, Mark.DATA_WIPED)) {
      faults.note(host, "its data are wiped");
      host.crash(dice.between(50_000, 1_000_000));
      host.postgres.wiped();
    }
  }

  /**
   * While a standby lags behind, another one gets its directory from an old backup; then the leader
   * is lost.
   */
  void restore() {
    var leader = faults.leaderOrAnybody();
    var host = faults.anybody();
    if (backup.isEmpty() || host == leader) {
      return;
    }
    var lags = dice.of(List.copyOf(world.hosts()));
    faults.cut(Set.of(new Network.Link(leader.id, lags.id)), 1_500_000);
    faults.soon(
        dice.between(50_000, 500_000),
        () -> {
          if (dataMayGo(host, Mark.DATA_RESTORED)) {
            faults.note(host, "its data are replaced by an old backup");
            host.crash(dice.between(5_000, 100_000));
            host.postgres.wiped();
            host.postgres.has(backup.get());
            faults.soon(dice.between(0, 50_000), () -> faults.hangAndCutOff(leader));
          }
        });
  }

  /**
   * A disk that lies: what was told of it is not on it any more. Not while the store lacks the
   * record too, for then the node learns too late that it is another incarnation. Nor where it held
   * more than it had told and gets WAL from an archive: that could bring back so much that nobody
   * sees what is still missing.
   */
  void setBack() {
    var host = faults.anybody();
    var told =
        host.disk
            .reported()
            .filter(it ->
                host.postgres
                    .wal
                    .filter(wal -> wal.mayEndAt(it.timeline(), it.lsn().bytes() - FORGOTTEN_MAX))
                    .isPresent());
    var hidden =
        world.surroundings.archive() != Archive.Feeding.NOBODY
            && told.filter(it -> isAbove(host, it)).isPresent();
    if (told.isPresent()
        && !hidden
        && host.disk.record().isPresent()
        && dataMayGo(host, Mark.DATA_SET_BACK)) {
      faults.note(host, "its data are set back");
      host.crash(dice.between(5_000, 100_000));
      host.postgres.setBackTo(told.get().lsn().bytes() - dice.between(1, FORGOTTEN_MAX));
      faults.soon(dice.between(0, 600_000), () -> faults.hangAndCutOff(faults.leaderOrAnybody()));
    }
  }

  private static boolean isAbove(Host host, Position told) {
    return host.postgres.wal.filter(it -> it.position().compareTo(told) > 0).isPresent();
  }
}
