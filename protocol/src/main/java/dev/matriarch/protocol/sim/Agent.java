package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.Step;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;

/** The shell of the machine on one host. It may pause, and crash at any point of a step. */
final class Agent {
  enum CrashPoint {
    BEFORE_SAVE,
    AFTER_SAVE,
    AMID_EFFECTS
  }

  private static final int DEFERRED_MAX = 5_000;
  private static final long TICK_US = 30_000;

  private final Host host;
  private final World world;
  private final Rules rules;
  private final Deque<Runnable> deferred = new ArrayDeque<>();
  ElectionState state;
  Supervisor supervisor;
  boolean up;
  Optional<CrashPoint> crashAt = Optional.empty();
  private long restartAfterUs;

  /** The next thing that has to be on disk cannot be written. */
  boolean diskFails;

  /** A save has failed: nothing is said any more until the agent is started anew. */
  private boolean mute;

  private long life;
  private long wakeUs;

  Agent(Host host) {
    this.host = host;
    world = host.world;
    rules = world.rulesOf(host.id);
    state = rules.booted(host.disk, host.now());
    supervisor = new Supervisor(host, this);
  }

  void start() {
    up = true;
    life++;
    wakeUs = 0;
    crashAt = Optional.empty();
    diskFails = false;
    mute = false;
    deferred.clear();
    state = rules.booted(host.disk, host.now());
    supervisor = new Supervisor(host, this);
    world.trace.step(host.id, () -> "agent starts");
    tick();
    supervisor.poll();
  }

  /** Only what is on the disk is left; the host's owner starts it again. */
  void crash() {
    up = false;
    life++;
    deferred.clear();
  }

  /** It crashes in its next step that does something, and restarts after {@code restartUs}. */
  void crashSoon(CrashPoint point, long restartUs) {
    crashAt = Optional.of(point);
    restartAfterUs = restartUs;
  }

  void restart(long afterUs) {
    if (up) {
      world.trace.step(host.id, () -> "agent crashes");
      crash();
      startAfter(afterUs);
    }
  }

  private void startAfter(long delayUs) {
    var thisLife = life;
    world.time.after(
        delayUs,
        () -> {
          if (host.on && life == thisLife) {
            start();
          }
        });
  }

  boolean paused() {
    return world.time.nowUs() < wakeUs;
  }

  void pause(long forUs) {
    wakeUs = Math.max(wakeUs, world.time.nowUs() + forUs);
    var thisLife = life;
    world.time.after(
        forUs + 1,
        () -> {
          while (life == thisLife && !paused() && !deferred.isEmpty()) {
            deferred.removeFirst().run();
          }
        });
  }

  void wake() {
    if (paused()) {
      wakeUs = 0;
      pause(0);
    }
  }

  /**
   * Something that this agent does later, unless it is dead by then; when it hangs, still later.
   */
  void later(long delayUs, Runnable action) {
    var thisLife = life;
    world.time.after(
        delayUs,
        () -> {
          if (!up || life != thisLife) {
            return;
          }
          if (!paused() && deferred.isEmpty()) {
            action.run();
          } else if (deferred.size() < DEFERRED_MAX) {
            deferred.addLast(action);
          }
        });
  }

  void receive(ElectionMessage message) {
    later(0, () -> handle(now -> new Input.Received(now, message, jitter())));
  }

  long propose(RecordChange change) {
    var id = world.nextId();
    later(0, () -> handle(now -> new Input.Propose(now, id, change)));
    return id;
  }

  boolean isMute() {
    return mute;
  }

  LeaseView view() {
    if (mute) {
      return new LeaseView.Mute(state.voter().record());
    }
    return rules.view(state, host.now());
  }

  Orders orders() {
    return rules.orders(state, host.now());
  }

  Duration jitter() {
    return world.dice.jitter(host.id, world.setup.timing().rankStep());
  }

  private void tick() {
    if (!paused()) {
      handle(now -> new Input.Tick(now, jitter()));
    }
    if (up) {
      var thisLife = life;
      world.time.after(
          TICK_US,
          () -> {
            if (life == thisLife) {
              tick();
            }
          });
    }
  }

  void handle(Function<Duration, Input> made) {
    var input = made.apply(host.now());
    var before = state;
    var step = rules.step(before, input);
    world.referee.decides(before, step);
    if (mute || (diskFails && step.save().isPresent())) {
      if (!mute) {
        mute = true;
        world.marks.reached(Mark.DISK_FAILED);
        world.trace.note(host.id, () -> "the voter's disk fails; it is silent from now on");
      }
      return;
    }
    if (crashAt.isPresent() && (step.save().isPresent() || !step.effects().isEmpty())) {
      crashIn(step, before, input);
      return;
    }
    save(step);
    state = step.state();
    world.observed(host, before, input, step);
    step.effects().forEach(this::perform);
  }

  private void crashIn(Step step, ElectionState before, Input input) {
    var point = crashAt.orElseThrow();
    world.trace.step(host.id, () -> "agent crashes " + point + " of " + input);
    switch (point) {
      case BEFORE_SAVE -> step.save().ifPresent(_ -> world.marks.reached(Mark.CRASHED_UNSAVED));
      case AFTER_SAVE -> save(step);
      case AMID_EFFECTS -> {
        save(step);
        world.observed(host, before, input, step);
        var done = (int) world.dice.between(0, step.effects().size());
        step.effects().subList(0, done).forEach(this::perform);
      }
    }
    crash();
    startAfter(restartAfterUs);
  }

  private void save(Step step) {
    step.save()
        .ifPresent(it -> {
          host.disk = it;
          world.referee.stored(host, it);
        });
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Send(var to, var message) -> world.network.send(host.id, to, message);
      case Effect.Decided(var id, var verdict) -> world.referee.decided(host, id, verdict);
    }
  }
}
