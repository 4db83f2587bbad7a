package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.actors.postgres.Watchdog;
import dev.matriarch.protocol.ha.FencePolicy;
import dev.matriarch.protocol.ha.HaView;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The supervisor's hand on the guardian process, with what that was told last. Touched by the
 * supervisor only; nothing here blocks.
 */
final class GuardianLink {
  private static final Logger LOG = LoggerFactory.getLogger(GuardianLink.class);

  /** From so long before the deadline on the guardian stops PostgreSQL. */
  private static final Duration MARGIN = Duration.ofMillis(500);

  /** A deadline that is later by less is not worth a line. */
  private static final Duration STEP = Duration.ofMillis(250);

  /** A guardian that nobody has spoken to for so long is asked whether it still reads. */
  private static final Duration SILENCE = Duration.ofSeconds(1);

  /** A primary that is left without a guardian for so long has to be stopped. */
  private static final Duration UNGUARDED_AT_MOST = Duration.ofSeconds(2);

  /** What the guardian was last told. */
  private sealed interface Told {
    record Nothing() implements Told {}

    record Deadline(Duration until) implements Told {}

    record Open() implements Told {}
  }

  private Optional<Guardian> guardian = Optional.empty();
  private Told told = new Told.Nothing();
  private Duration spokenAt = Duration.ZERO;
  private Optional<Watchdog> watchdog = Optional.empty();
  private Optional<Duration> unguardedSince = Optional.empty();

  /** Has each guardian hold the host's watchdog device while it has a deadline. */
  void use(Watchdog device) {
    watchdog = Optional.of(device);
  }

  /** Why this node must not lead as far as the watchdog is concerned. */
  Optional<String> obstacle(Duration ttl) {
    return watchdog.flatMap(it -> it.obstacle(ttl));
  }

  /**
   * Whether a primary has run without a guardian, or without the watchdog that is required, for
   * longer than it takes to put one over it: it would outlive its lease if the agent went away now.
   *
   * @param primary whether PostgreSQL runs and is or may be a primary under the own lease
   */
  boolean isUnguarded(boolean primary, Duration now) {
    var guarded = guardian.isPresent() && watchdog.map(Watchdog::allowsPrimary).orElse(true);
    unguardedSince =
        primary && !guarded ? unguardedSince.or(() -> Optional.of(now)) : Optional.empty();
    return unguardedSince.filter(it -> now.minus(it).compareTo(UNGUARDED_AT_MOST) >= 0).isPresent();
  }

  boolean isThere() {
    return guardian.isPresent();
  }

  /** Whether the PostgreSQL that it watches is there. */
  boolean postmasterRuns() {
    return guardian.filter(it -> it.postmaster().alive()).isPresent();
  }

  boolean isOf(Guardian other) {
    return guardian.equals(Optional.of(other));
  }

  /**
   * A guardian that was just started.
   *
   * @param deadline what it was started with, if its PostgreSQL may be a primary
   */
  void watch(Guardian started, Optional<Duration> deadline) {
    guardian.ifPresent(Guardian::close);
    guardian = Optional.of(started);
    told = deadline.<Told>map(Told.Deadline::new).orElseGet(Told.Nothing::new);
  }

  /** The guardian has ended, or its PostgreSQL has. */
  void letGo() {
    guardian.ifPresent(Guardian::close);
    guardian = Optional.empty();
    told = new Told.Nothing();
  }

  /** Tells what is new; false if there turned out to be no guardian any more that listens. */
  boolean obey(FencePolicy.Order order) {
    return guardian.map(it -> isListening(it) && obey(it, order)).orElse(true);
  }

  private boolean obey(Guardian it, FencePolicy.Order order) {
    return switch (order) {
      case FencePolicy.Order.StopBefore(var until, var ttl, var spare) -> {
        var there =
            isNews(until)
                ? delivered(it.setDeadline(until.toMillis()), new Told.Deadline(until))
                : isThereAfterSilence(it);
        watchdog.filter(_ -> there).ifPresent(device -> device.give(it, ttl, spare));
        yield there;
      }
      case FencePolicy.Order.LetRun() ->
          told instanceof Told.Open
              ? isThereAfterSilence(it)
              : delivered(it.clearDeadline(), new Told.Open());
      case FencePolicy.Order.Nothing() -> isThereAfterSilence(it);
    };
  }

  private boolean isListening(Guardian it) {
    // One that is ending PostgreSQL at its deadline reads no more, and is not to be disturbed.
    var ending =
        told instanceof Told.Deadline(var until) && now().compareTo(until.minus(MARGIN)) >= 0;
    if (!ending && it.isDeaf()) {
      LOG.warn("the guardian (process {}) does not read what it is told", it.process().pid());
      return false;
    }
    return !it.hasEnded() || endedWithPostgres(it);
  }

  /** Then the end of PostgreSQL is the news, which comes by itself. */
  private static boolean endedWithPostgres(Guardian it) {
    return !it.postmaster().alive();
  }

  private boolean isThereAfterSilence(Guardian it) {
    return now().minus(spokenAt).compareTo(SILENCE) < 0 || delivered(it.ping(), told);
  }

  private static Duration now() {
    return Duration.ofNanos(HostClock.bootNanos());
  }

  private boolean isNews(Duration until) {
    return !(told instanceof Told.Deadline(var old))
        || until.minus(old).compareTo(STEP) >= 0
        || until.compareTo(old) < 0;
  }

  private boolean delivered(Guardian.Told result, Told line) {
    spokenAt = now();
    return switch (result) {
      case DELIVERED -> {
        told = line;
        yield true;
      }
      case PAST -> true;
      case STUCK -> {
        LOG.warn("the guardian does not read; it keeps its last deadline");
        yield true;
      }
      case GONE -> guardian.filter(GuardianLink::endedWithPostgres).isPresent();
    };
  }

  HaView.Fence fence(Duration now) {
    return switch (told) {
      case Told.Nothing() -> new HaView.Fence.None();
      case Told.Open() -> new HaView.Fence.Open();
      case Told.Deadline _ when watchdog.filter(it -> !it.allowsPrimary()).isPresent() ->
          new HaView.Fence.None();
      case Told.Deadline(var until) -> new HaView.Fence.Deadline(until.minus(MARGIN).minus(now));
    };
  }
}
