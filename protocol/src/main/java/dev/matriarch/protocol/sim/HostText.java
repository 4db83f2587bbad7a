package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.LeaseView;

/** A host in words, one aspect each. */
final class HostText {
  private HostText() {}

  static String agent(Host host) {
    if (!host.agent.up) {
      return host.on ? "the agent is down" : "the host is off";
    }
    return host.agent.paused() ? "the agent hangs" : "the agent runs";
  }

  static String lease(Host host) {
    return host.lease()
        .map(LeaseView.Mine::ballot)
        .map(it -> "has the lease of " + it)
        .orElse("has no lease");
  }

  /** The fence of synchronous mode. */
  static String fence(Host host) {
    return host.disk.fenced()
        ? "is fenced for %s".formatted(host.disk.promised())
        : "is not fenced";
  }

  static String postgres(Host host) {
    var postgres = host.postgres;
    var text =
        switch (postgres.phase) {
          case NONE -> "no data";
          case STOPPED -> "stopped";
          case STANDBY -> "standby on timeline " + postgres.timeline();
          case PROMOTING -> "becomes primary on timeline " + postgres.primaryOn().orElse(0);
          case PRIMARY -> "primary on timeline " + postgres.timeline();
          case REBUILDING -> "is rebuilt from the leader";
        };
    return "PostgreSQL: " + text + (postgres.stopping ? ", stopping" : "");
  }
}
