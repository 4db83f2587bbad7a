package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.sync.SyncSetting;
import java.util.Optional;

/** The PostgreSQL of one host. It goes on when the agent pauses or crashes. */
final class Postgres {
  enum Phase {
    /** No data directory. */
    NONE,
    STOPPED,
    STANDBY,
    /** On its way from standby, or from stopped, to primary. */
    PROMOTING,
    PRIMARY,
    /** Being rewound or cloned: no usable data. */
    REBUILDING
  }

  private static final long CHECKPOINT_AGO_MAX = 1000;

  private final Host host;
  Phase phase = Phase.NONE;
  Optional<Wal> wal = Optional.empty();

  /** The timeline on which it would run on as primary if it were just started. */
  Optional<Integer> primaryOnDisk = Optional.empty();

  /** What the agent has noted in the directory after the last promotion. */
  Optional<Integer> promotedTo = Optional.empty();

  boolean stopping;

  /** What it has is being replaced by a copy of the leader's: it is as good as lost already. */
  boolean cloning;

  private Optional<Position> forgotten = Optional.empty();

  final Replication replication;

  /** It was promoted by hand. */
  boolean foreign;

  /** The agent has found that, and written it into the directory. */
  boolean disowned;

  private int target;

  /** All that was on its disk when it started has been replayed from then on. */
  private long replayedAtUs;

  private long checkpoint;
  private long run;

  Postgres(Host host) {
    this.host = host;
    replication = new Replication(host, this);
  }

  /** Unlike in any earlier run as primary, or standby. */
  long run() {
    return run;
  }

  void has(Wal data) {
    replication.incarnation = 0;
    forgotten = Optional.empty();
    primaryOnDisk = Optional.empty();
    keeps(data);
  }

  /** Whether a store has ever known these data. */
  boolean isNumbered() {
    return wal.isPresent() && replication.incarnation != 0;
  }

  /** Other data from now on; a connection would have the old name. */
  void numbered(long number) {
    replication.incarnation = number;
    replication.disconnect();
    forgotten = Optional.empty();
  }

  /** A disk that forgot what it had confirmed: the same directory, as it was earlier. */
  void setBackTo(long end) {
    forgotten = wal.map(Wal::position);
    wal = wal.map(it -> it.until(end));
    primaryOnDisk = Optional.empty();
  }

  /** Whether it has all that it ever had under its number. */
  boolean isWhole() {
    return !cloning
        && forgotten
            .filter(end -> wal.filter(it -> it.position().compareTo(end) >= 0).isEmpty())
            .isEmpty();
  }

  /** Other WAL in the same directory. */
  void keeps(Wal data) {
    wal = Optional.of(data);
    promotedTo = Optional.empty();
    phase = Phase.STOPPED;
    cloning = false;
    foreign = false;
    disowned = false;
  }

  boolean runs() {
    return switch (phase) {
      case STANDBY, PROMOTING, PRIMARY -> true;
      case NONE, STOPPED, REBUILDING -> false;
    };
  }

  int timeline() {
    return wal.map(Wal::timeline).orElse(0);
  }

  /** The timeline on which it is primary or becomes it. */
  Optional<Integer> primaryOn() {
    return switch (phase) {
      case PROMOTING -> Optional.of(target);
      case PRIMARY -> Optional.of(timeline());
      case NONE, STOPPED, STANDBY, REBUILDING -> Optional.empty();
    };
  }

  void startStandby() {
    phase = Phase.STANDBY;
    primaryOnDisk = Optional.empty();
    run++;
    replication.restores = replication.restores && fenceLeavesTheArchive();
    beginReplay();
    host.world.archive.feed(host);
  }

  private void beginReplay() {
    var max = host.world.surroundings.replayMaxUs();
    if (max > 0) {
      replayedAtUs = host.world.time.nowUs() + host.world.dice.between(0, max);
      checkpoint = wal.orElseThrow().end() - host.world.dice.between(0, CHECKPOINT_AGO_MAX);
    }
  }

  /** Whether what a fence takes away is only the stream. */
  boolean fenceLeavesTheArchive() {
    return host.world.surroundings.archive() == Archive.Feeding.FENCED_STANDBYS_TOO;
  }

  boolean hasReplayed() {
    return host.world.time.nowUs() >= replayedAtUs;
  }

  /** Where its WAL ends, once that is known. */
  Optional<Position> position() {
    if (!runs()) {
      return Optional.empty();
    }
    if (hasReplayed()) {
      return wal.map(Wal::position);
    }
    return host.world.mutation == Mutation.FULL_REPLAY_NOT_AWAITED
        ? wal.map(it -> it.upTo(checkpoint).position())
        : Optional.empty();
  }

  /** Promotes a standby, or starts a stopped primary again on its own timeline. */
  void promote(int timeline, SyncSetting setting) {
    replication.disconnect();
    if (phase == Phase.STOPPED) {
      beginReplay();
    }
    phase = Phase.PROMOTING;
    target = timeline;
    var thisRun = ++run;
    host.world.time.after(
        host.world.dice.between(5_000, 80_000)
            + Math.max(0, replayedAtUs - host.world.time.nowUs()),
        () -> {
          if (phase == Phase.PROMOTING && run == thisRun) {
            if (timeline() != timeline) {
              host.world.ledger.promoted(host, timeline, wal.orElseThrow());
              wal = wal.map(it -> it.promoted(timeline, host.world.nextBeginning()));
              host.world.ledger.written(wal.orElseThrow());
              host.world.referee.promoted(host, timeline);
            }
            primaryOnDisk = Optional.of(timeline);
            if (host.agent.up && !host.agent.paused()) {
              promotedTo = Optional.of(timeline);
            }
            phase = Phase.PRIMARY;
            replication.begun(setting);
            host.world.archive.attend(host);
          }
        });
  }

  /** On the number that is the next one here. */
  void promotedByHand() {
    replication.disconnect();
    run++;
    foreign = true;
    phase = Phase.PRIMARY;
    wal = wal.map(it -> it.promoted(it.timeline() + 1, host.world.nextBeginning()));
    primaryOnDisk = Optional.of(timeline());
    replication.begun(replication.inForce.goal());
  }

  void stop() {
    if (!runs() || stopping) {
      return;
    }
    stopping = true;
    var max = host.world.setup.stopMaxUs();
    var thisRun = run;
    var dice = host.world.dice;
    var needs = dice.hits(0.4) ? max : dice.between(0, dice.hits(0.5) ? 5_000 : max);
    host.world.time.after(
        needs,
        () -> {
          // A promotion that overtakes the stop is another run, and ends with it all the same.
          if (stopping && run >= thisRun) {
            died();
          }
        });
  }

  /** It is gone at once, by a crash of its own or with the host. */
  void died() {
    if (runs()) {
      phase = Phase.STOPPED;
      run++;
      replication.disconnect();
    }
    stopping = false;
  }

  void write(long bytes) {
    if (phase == Phase.PRIMARY) {
      wal = wal.map(it -> it.grown(bytes));
    }
    if (phase == Phase.PRIMARY && !foreign) {
      host.world.ledger.written(wal.orElseThrow());
      host.world.commits.acknowledged(host);
    }
  }

  /**
   * Somebody has promoted it by hand in the very moment in which it wins: that it waits for its
   * standbys from the first commit on is assumed then, for no agent was asked.
   */
  void elected(int timeline, SyncSetting setting) {
    if (foreign && primaryOn().equals(Optional.of(timeline))) {
      foreign = false;
      replication.begun(setting);
    }
  }

  /** All data are gone. */
  void wiped() {
    wal = Optional.empty();
    primaryOnDisk = Optional.empty();
    promotedTo = Optional.empty();
    phase = Phase.NONE;
    cloning = false;
    foreign = false;
    disowned = false;
    replication.incarnation = 0;
    run++;
  }
}
