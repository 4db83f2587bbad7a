package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.LeaseView;

/**
 * What is done when nothing else helps: a leader whose PostgreSQL cannot be ended resigns, and an
 * operator makes somebody lead and accepts that commits are lost.
 */
final class LastResorts {
  private static final long EVERY_US = 4_000_000;

  private final World world;

  LastResorts(World world) {
    this.world = world;
  }

  void begin() {
    if (world.surroundings.lastResorts()) {
      next();
    }
  }

  private void next() {
    world.time.after(
        world.dice.exponential(EVERY_US),
        () -> {
          if (world.hostile) {
            if (world.dice.hits(0.5)) {
              resign(world.faults.leaderOrAnybody());
            } else {
              force(world.faults.anybody());
            }
            next();
          }
        });
  }

  private void resign(Host host) {
    if (host.on && host.agent.up && host.agent.view() instanceof LeaseView.Mine) {
      world.marks.reached(Mark.RESIGNED);
      world.trace.note(host.id, () -> "*** resigns");
      host.agent.handle(Input.Resign::new);
    }
  }

  private void force(Host host) {
    if (host.on && host.agent.up && !host.agent.paused()) {
      world.trace.note(host.id, () -> "*** an operator makes it lead, whatever is lost");
      host.agent.handle(now -> new Input.Force(now, "forced"));
    }
  }
}
