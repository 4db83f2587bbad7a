package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Guardian;
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

  /** What the guardian was last told. */
  private sealed interface Told {
    record Nothing() implements Told {}

    record Deadline(Duration until) implements Told {}

    record Open() implements Told {}
  }

  private Optional<Guardian> guardian = Optional.empty();
  private Told told = new Told.Nothing();

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

  /** Tells what is new; false if there turned out to be no guardian any more. */
  boolean obey(FencePolicy.Order order) {
    if (guardian.isEmpty()) {
      return true;
    }
    return switch (order) {
      case FencePolicy.Order.StopBefore(var until) ->
          !isNews(until)
              || delivered(guardian.get().setDeadline(until.toMillis()), new Told.Deadline(until));
      case FencePolicy.Order.LetRun() ->
          told instanceof Told.Open || delivered(guardian.get().clearDeadline(), new Told.Open());
      case FencePolicy.Order.Nothing() -> true;
    };
  }

  private boolean isNews(Duration until) {
    return !(told instanceof Told.Deadline(var old))
        || until.minus(old).compareTo(STEP) >= 0
        || until.compareTo(old) < 0;
  }

  private boolean delivered(Guardian.Told result, Told line) {
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
      case GONE -> false;
    };
  }

  HaView.Fence fence(Duration now) {
    return switch (told) {
      case Told.Nothing() -> new HaView.Fence.None();
      case Told.Open() -> new HaView.Fence.Open();
      case Told.Deadline(var until) -> new HaView.Fence.Deadline(until.minus(MARGIN).minus(now));
    };
  }
}
