package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.SyncSetting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes PostgreSQL follow the lease, and tells the election what PostgreSQL does. */
final class Supervisor {
  private static final long IDENTIFY_EVERY_US = 300_000;
  private static final long POSITION_EVERY_US = 100_000;

  private final Host host;
  private final World world;
  private final Agent agent;
  private final Postgres postgres;

  /** An operation that is under way in the agent. */
  boolean acting;

  final SyncDriver driver;
  final Rejoining rejoining;
  private final Fence fence;

  private Optional<Integer> promotesTo = Optional.empty();
  private Optional<Local> reported = Optional.empty();
  private Optional<Handover> handover = Optional.empty();
  private Optional<Duration> told = Optional.empty();
  private long reportedAtUs;
  private long lastReportUs;
  private long lastLineUs;
  private long identifiedUs = Long.MIN_VALUE / 2;
  private long patienceUntilUs = -1;

  private record Handover(Optional<NodeId> successor) {}

  Supervisor(Host host, Agent agent) {
    this.host = host;
    this.agent = agent;
    world = host.world;
    postgres = host.postgres;
    driver = new SyncDriver(host);
    rejoining = new Rejoining(host, agent, this);
    fence = new Fence(host, agent, this);
  }

  void poll() {
    if (!agent.paused()) {
      postgres.write(world.dice.between(0, 40));
      act();
      reportIfNew();
    }
    agent.later(world.dice.between(20_000, 60_000), this::poll);
  }

  /** An operator asks to hand over; only a leader does. */
  void handOver(Optional<NodeId> successor) {
    if (agent.view() instanceof LeaseView.Mine) {
      handover = Optional.of(new Handover(successor));
    }
  }

  private void act() {
    var orders = agent.orders();
    orders.incarnation().filter(_ -> postgres.wal.isPresent()).ifPresent(postgres::numbered);
    if (fence.keep(orders)) {
      return;
    }
    var view = agent.view();
    if (view instanceof LeaseView.Mine mine) {
      patienceUntilUs = -1;
      if (handover.isPresent()) {
        handOverNow();
      } else {
        renew(mine.until());
        lead(mine);
      }
      return;
    }
    handover = Optional.empty();
    if (acting || postgres.stopping) {
      return;
    }
    switch (postgres.phase) {
      case PRIMARY, PROMOTING -> stepDown(view);
      case STOPPED -> {
        if (rejoining.isForeign()) {
          rejoining.follow(view);
        } else {
          startStandby();
        }
      }
      case STANDBY -> {
        if (host.guardian.armed()) {
          line(host.guardian::disarmed);
        }
        rejoining.follow(view);
      }
      case NONE, REBUILDING -> rejoining.follow(view);
    }
  }

  /** A leader of old may wait for its candidacy to go on; its guardian does not wait. */
  private void stepDown(LeaseView view) {
    if (view instanceof LeaseView.Vacant && patienceUntilUs < 0) {
      var patience = world.dice.hits(0.3) ? 0 : world.dice.between(0, 1_500_000);
      patienceUntilUs = world.time.nowUs() + patience;
    }
    var waits = view instanceof LeaseView.Vacant && world.time.nowUs() < patienceUntilUs;
    if (!waits && !host.isStubborn()) {
      postgres.stop();
    }
  }

  // --- leading ----------------------------------------------------------------------------------

  private void renew(Duration until) {
    if (told.equals(Optional.of(until))) {
      return;
    }
    told = Optional.of(until);
    var left = until.minus(host.now());
    line(() -> {
      var remains = world.mutation == Mutation.GUARDIAN_TOLD_WHAT_REMAINS;
      host.guardian.told(remains ? host.now().plus(left) : until);
    });
  }

  /** Lines reach the guardian in order, but the agent may hang before it writes one. */
  private void line(Runnable written) {
    var now = world.time.nowUs();
    var late = world.hostile && world.dice.hits(world.setup.lateLines());
    if (late) {
      world.marks.reached(Mark.LINE_WAS_LATE);
    }
    var delay = late ? world.dice.between(1_000, 1_500_000) : world.dice.between(100, 2_000);
    lastLineUs = Math.max(lastLineUs + 1, now + delay);
    agent.later(lastLineUs - now, written);
  }

  private void lead(LeaseView.Mine mine) {
    var record = mine.record();
    if (acting || postgres.stopping) {
      return;
    }
    var identity = postgres.wal.map(Wal::systemIdentifier);
    var foreign =
        record.systemIdentifier().isPresent()
            && !record.systemIdentifier().equals(identity)
            && postgres.phase != Postgres.Phase.PRIMARY;
    switch (postgres.phase) {
      case PRIMARY -> {
        if (postgres.timeline() != record.timeline()) {
          postgres.stop();
        } else {
          identify(record);
          driver.drive(mine);
        }
      }
      case PROMOTING -> {}
      case STOPPED -> {
        if (foreign || rejoining.isForeign()) {
          giveUp(Optional.empty());
        } else if (postgres.primaryOnDisk.equals(Optional.of(record.timeline()))) {
          promote(record, Postgres.Phase.STOPPED);
        } else {
          startStandby();
        }
      }
      case STANDBY -> {
        if (!foreign && postgres.timeline() < record.timeline()) {
          promote(record, Postgres.Phase.STANDBY);
        } else {
          giveUp(Optional.empty());
        }
      }
      case NONE -> {
        if (record.systemIdentifier().isEmpty()) {
          initialize();
        } else {
          giveUp(Optional.empty());
        }
      }
      case REBUILDING -> giveUp(Optional.empty());
    }
  }

  private void identify(ClusterRecord record) {
    var now = world.time.nowUs();
    if (record.systemIdentifier().isEmpty() && now - identifiedUs >= IDENTIFY_EVERY_US) {
      identifiedUs = now;
      agent.propose(
          new RecordChange.Identify(postgres.wal.map(Wal::systemIdentifier).orElseThrow()));
    }
  }

  private void initialize() {
    acting = true;
    var data = Wal.initial(host.id + "@" + world.dice.between(1, 1L << 30));
    agent.later(
        world.dice.between(50_000, 400_000),
        () -> {
          acting = false;
          postgres.has(data);
          postgres.primaryOnDisk = Optional.of(1);
          postgres.replication.inForce.configured(driver.settingFor(Optional.empty()));
        });
  }

  private void promote(ClusterRecord record, Postgres.Phase from) {
    var timeline = record.timeline();
    // In place it starts with what its files say; a standby gets the record's setting first.
    var setting =
        from == Postgres.Phase.STOPPED
            ? postgres.replication.inForce.goal()
            : driver.settingFor(record.sync());
    if (world.mutation == Mutation.PROMOTED_WITHOUT_THE_SETTING) {
      setting = new SyncSetting.Unset();
    }
    promote(timeline, from, setting);
  }

  private void promote(int timeline, Postgres.Phase from, SyncSetting setting) {
    if (world.mutation == Mutation.PROMOTION_WITHOUT_LEAVE) {
      if (postgres.phase == from) {
        postgres.promote(timeline, setting);
      }
      return;
    }
    acting = true;
    promotesTo = Optional.of(timeline);
    reportIfNew();
    // After the line that arms the guardian; then the agent may still hang before the signal.
    line(() -> {
      if (!host.guardian.allows()) {
        endPromotion();
        return;
      }
      var hangs = world.hostile && world.dice.hits(world.setup.lateLines());
      var delay = world.dice.between(100, hangs ? 1_500_000 : 3_000);
      agent.later(delay, () -> signal(timeline, from, setting));
    });
  }

  private void signal(int timeline, Postgres.Phase from, SyncSetting setting) {
    // A standby is signalled, whatever the time; PostgreSQL is started by the guardian itself.
    var started = from == Postgres.Phase.STANDBY || host.guardian.allows();
    var fenced =
        agent.orders().fenceFor().isPresent()
            && world.mutation != Mutation.PROMOTED_UNDER_A_NEWER_PROMISE;
    if (postgres.phase == from && started && !fenced) {
      if (from == Postgres.Phase.STOPPED) {
        world.marks.reached(Mark.PRIMARY_RESTARTED_IN_PLACE);
      }
      postgres.promote(timeline, setting);
    }
    endPromotion();
  }

  private void endPromotion() {
    acting = false;
    promotesTo = Optional.empty();
  }

  // --- following --------------------------------------------------------------------------------

  void startStandby() {
    acting = true;
    line(() -> {
      acting = false;
      if (postgres.phase == Postgres.Phase.STOPPED) {
        host.guardian.disarmed();
        postgres.startStandby();
      }
    });
  }

  // --- giving up --------------------------------------------------------------------------------

  private void handOverNow() {
    if (world.mutation == Mutation.RELEASED_BEFORE_STOPPED && postgres.runs()) {
      reportNow(local(Optional.empty()));
      release(handover.flatMap(Handover::successor));
      handover = Optional.empty();
      return;
    }
    if (acting || postgres.stopping) {
      return;
    }
    if (postgres.primaryOn().isPresent()) {
      postgres.stop();
      return;
    }
    line(host.guardian::disarmed);
    giveUp(handover.flatMap(Handover::successor));
    handover = Optional.empty();
  }

  private void giveUp(Optional<NodeId> successor) {
    reportIfNew();
    release(successor);
  }

  private void release(Optional<NodeId> successor) {
    acting = true; // nothing is started again between the decision and the release
    later(() -> {
      acting = false;
      var upTo = postgres.wal.map(Wal::position);
      agent.handle(now -> new Input.GiveUp(now, successor, upTo, Optional.empty(), agent.jitter()));
    });
  }

  // --- reports ----------------------------------------------------------------------------------

  /** One mailbox: reports and orders reach the election late, but in order. */
  private void later(Runnable action) {
    var now = world.time.nowUs();
    var max = world.dice.hits(0.1) ? 200_000 : 10_000;
    lastReportUs = Math.max(lastReportUs + 1, now + world.dice.between(100, max));
    agent.later(lastReportUs - now, action);
  }

  private Local local(Optional<Integer> primaryOn) {
    return new Local(
        !host.witness
            && !host.lame
            && !rejoining.isForeign()
            && postgres.phase != Postgres.Phase.REBUILDING,
        Optional.of(postgres.wal.isPresent()),
        primaryOn,
        rejoining.isForeign() ? Optional.empty() : postgres.position(),
        postgres.phase == Postgres.Phase.REBUILDING
            ? Optional.empty()
            : postgres.wal.map(Wal::systemIdentifier),
        host.priority,
        world.mutation == Mutation.MAXIMUM_LAG_IGNORED ? Long.MAX_VALUE : world.setup.lagMaxBytes(),
        replication());
  }

  private Local.Replication replication() {
    var replication = postgres.replication;
    var set = driver.target();
    var lies = world.mutation == Mutation.RECORD_BEFORE_POSTGRES && set.isPresent();
    return new Local.Replication(
        postgres.wal.map(_ -> replication.incarnation),
        fence.confirmed(),
        postgres.phase == Postgres.Phase.STANDBY
            ? replication.upstream.map(
                it -> new Local.Source(it.id, replication.upstreamTimeline()))
            : Optional.empty(),
        postgres.phase == Postgres.Phase.STANDBY && replication.receives(),
        postgres.phase == Postgres.Phase.PRIMARY
            ? lies ? Set.of(set) : possible(replication)
            : Set.of(),
        postgres.phase == Postgres.Phase.PRIMARY
            ? lies ? set : replication.proven()
            : Optional.empty());
  }

  private Set<Optional<SyncSet>> possible(Replication replication) {
    var settings =
        world.mutation == Mutation.PROVEN_BEFORE_IN_FORCE
            ? List.of(replication.inForce.goal())
            : replication.inForce.possible();
    return settings.stream().map(SyncSetting::waitsFor).collect(Collectors.toSet());
  }

  void reportIfNew() {
    var local = local(promotesTo.or(postgres::primaryOn));
    var same = reported.filter(it -> unchanged(it, local)).isPresent();
    if (!same || world.time.nowUs() - reportedAtUs >= POSITION_EVERY_US) {
      reportNow(local);
    }
  }

  private static boolean unchanged(Local before, Local local) {
    return before.able() == local.able()
        && before.primaryOn().equals(local.primaryOn())
        && before.position().isPresent() == local.position().isPresent()
        && before.systemIdentifier().equals(local.systemIdentifier())
        && before.replication().equals(local.replication());
  }

  private void reportNow(Local local) {
    reported = Optional.of(local);
    reportedAtUs = world.time.nowUs();
    later(() -> agent.handle(now -> new Input.LocalChanged(now, local)));
  }
}
