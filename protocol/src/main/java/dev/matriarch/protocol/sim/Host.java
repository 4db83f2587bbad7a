package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.VoterState;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** One machine: a clock, a disk, an agent, a guardian, a PostgreSQL. */
final class Host {
  final World world;
  final NodeId id;
  final boolean witness;
  final Postgres postgres = new Postgres(this);
  final Guardian guardian = new Guardian(this);
  final Agent agent;
  HostClock clock;

  /** What the voter has on disk; it survives everything but a lost store. */
  VoterState disk;

  /** A store that was lost, and may turn up again. */
  Optional<VoterState> lostDisk = Optional.empty();

  int priority;
  boolean on;

  /** Tagged so that it never leads. */
  boolean lame;

  Tags syncTags = Tags.NONE;

  /** Fencing its standby needs so long at the least. */
  long fenceMinUs;

  /** Its standby receives nothing, although it is connected. */
  boolean stalled;

  private final boolean stubborn;
  private long stores;

  Host(World world, NodeId id, boolean witness) {
    this.world = world;
    this.id = id;
    this.witness = witness;
    var drift = world.setup.timing().drift() / 2;
    clock =
        new HostClock(1 + world.dice.of(-drift, 0, drift), world.dice.between(0, 1_000_000_000));
    stubborn = world.dice.hits(world.setup.stubborn());
    priority = (int) world.dice.between(1, 2);
    if (world.surroundings.policy().isPresent() && world.dice.hits(0.3)) {
      syncTags =
          new Tags(
              world.dice.hits(0.3)
                  ? Map.of("nosync", true)
                  : Map.of("sync_priority", (int) world.dice.between(1, 3)));
    }
    disk = freshStore();
    agent = new Agent(this);
  }

  Duration now() {
    return clock.at(world.time.nowUs());
  }

  private VoterState freshStore() {
    var store = world.mutation == Mutation.LOST_STORE_KEEPS_ITS_ID ? 1 : world.dice.id();
    return VoterState.fresh(id, new StoreId(id + "-" + store), ++stores);
  }

  void start() {
    if (!on) {
      on = true;
      agent.start();
    }
  }

  /** The power goes, and comes back after {@code forUs}. */
  void crash(long forUs) {
    on = false;
    agent.crash();
    guardian.disarmed();
    if (postgres.phase == Postgres.Phase.PRIMARY && !postgres.foreign && world.dice.hits(0.3)) {
      postgres.primaryOnDisk = Optional.empty(); // its init script starts it as a standby
    }
    postgres.died();
    world.time.after(
        forUs,
        () -> {
          clock = clock.rebooted(world.time.nowUs(), world.dice.between(0, 20_000_000));
          start();
        });
  }

  Tags tags() {
    if (!lame) {
      return syncTags;
    }
    var tags = new HashMap<>(syncTags.values());
    tags.put("nofailover", true);
    return new Tags(tags);
  }

  /** In synchronous mode no rule may depend on that a superseded primary ends. */
  boolean isStubborn() {
    return stubborn && world.hostile && disk.record().flatMap(it -> it.sync()).isPresent();
  }

  void loseStore() {
    var number = disk.incarnation().number();
    lostDisk = Optional.of(disk);
    disk = freshStore();
    if (world.mutation == Mutation.LOST_STORE_KEEPS_ITS_DATA) {
      disk = VoterState.fresh(id, disk.store(), number);
    }
  }

  void findStore() {
    disk = lostDisk.orElse(disk);
    lostDisk = Optional.empty();
  }

  /** The lease that this node counts on now, if it does. */
  Optional<LeaseView.Mine> lease() {
    return agent.up && agent.view() instanceof LeaseView.Mine mine
        ? Optional.of(mine).filter(it -> now().compareTo(it.until()) < 0)
        : Optional.empty();
  }
}
