package dev.matriarch.multijvm;

import java.util.Optional;

/**
 * Where a node lives.
 *
 * @param namespace its network namespace; empty: the one of the tests
 */
public record Place(
    String host, int agentPort, int restPort, int postgresPort, Optional<String> namespace) {
  public String agent() {
    return host + ":" + agentPort;
  }

  public String rest() {
    return host + ":" + restPort;
  }

  public String postgres() {
    return host + ":" + postgresPort;
  }

  /** Sockets as a program on the node's host would open them: they work also when it is cut off. */
  public Sockets sockets() {
    return new Sockets(namespace.orElse(""));
  }
}
