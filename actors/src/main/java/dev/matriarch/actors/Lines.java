package dev.matriarch.actors;

import dev.matriarch.actors.postgres.PeerConnections;
import dev.matriarch.protocol.model.Endpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that this agent is heard soon after a link is back; see {@link PeerConnections}. */
final class Lines {
  private static final Logger LOG = LoggerFactory.getLogger(Lines.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /** Look for connections that are new. */
  record Look() {}

  private Lines() {}

  /**
   * Works until it is stopped; it gives up, and says so, where this cannot be done.
   *
   * @param members where they are heard
   */
  static Behavior<Look> create(Collection<Endpoint> members) {
    var ports = members.stream().map(Endpoint::port).collect(Collectors.toUnmodifiableSet());
    return Behaviors.withTimers(timers -> {
      timers.startTimerWithFixedDelay(new Look(), LOOK_EVERY);
      return Behaviors.receiveMessage(_ -> look(ports));
    });
  }

  private static Behavior<Look> look(Set<Integer> ports) {
    try {
      var _ = PeerConnections.limit(ports);
      return Behaviors.same();
    } catch (IOException e) {
      LOG.warn("after a cut link it may take long to be heard again: {}", e.toString());
      return Behaviors.stopped();
    }
  }
}
