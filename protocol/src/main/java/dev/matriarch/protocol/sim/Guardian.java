package dev.matriarch.protocol.sim;

import java.time.Duration;
import java.util.Optional;

/**
 * The parent process of PostgreSQL: from its deadline minus the margin on it stops whatever runs,
 * also a standby that has been armed for promotion. It does not pause with the agent.
 */
final class Guardian {
  private final Host host;
  private Optional<Duration> deadline = Optional.empty();
  private boolean looking;
  private long watch;

  Guardian(Host host) {
    this.host = host;
  }

  boolean armed() {
    return deadline.isPresent();
  }

  /** Whether something may become primary now: there is a deadline, and time left before it. */
  boolean allows() {
    return deadline.filter(it -> host.now().compareTo(it.minus(margin())) < 0).isPresent();
  }

  /** A line from the agent: {@code until} on the host's clock. */
  void told(Duration until) {
    var latest = deadline.filter(it -> it.compareTo(until) > 0).orElse(until);
    deadline = Optional.of(latest);
    if (!looking) {
      looking = true;
      look(++watch);
    }
  }

  /** A line from the agent, after PostgreSQL has stopped: what starts next has no deadline. */
  void disarmed() {
    deadline = Optional.empty();
    looking = false;
    watch++;
  }

  private Duration margin() {
    return host.world.mutation == Mutation.GUARDIAN_WITHOUT_MARGIN
        ? Duration.ZERO
        : host.world.setup.margin();
  }

  private void look(long thisWatch) {
    if (deadline.isEmpty() || watch != thisWatch) {
      return;
    }
    var left = host.clock.untilUs(deadline.get().minus(margin()), host.world.time.nowUs());
    if (left <= 0) {
      looking = false;
      if (host.postgres.runs() && !host.postgres.stopping && !host.isStubborn()) {
        host.world.marks.reached(Mark.GUARDIAN_STOPPED);
        host.world.trace.note(host.id, () -> "the guardian stops PostgreSQL: its deadline is near");
        host.postgres.stop();
      }
      return;
    }
    var late = host.world.dice.between(0, Setup.GUARDIAN_LOOKS_EVERY_US);
    host.world.time.after(left + late, () -> look(thisWatch));
  }
}
