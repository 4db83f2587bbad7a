package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Optional;

/**
 * The lease as a voter has granted it.
 *
 * @param until end on the voter's own clock
 */
public record Grant(Optional<NodeId> holder, Duration until) {
  static final Grant NONE = new Grant(Optional.empty(), Duration.ZERO);

  boolean blocks(NodeId candidate, Duration now) {
    return now.compareTo(until) < 0 && !holder.equals(Optional.of(candidate));
  }

  /** A grant to the same holder is never shortened by a later, shorter one. */
  Grant extended(NodeId to, Duration end) {
    var same = holder.equals(Optional.of(to));
    return new Grant(Optional.of(to), same && until.compareTo(end) > 0 ? until : end);
  }
}
