package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/**
 * What the election needs done to the local PostgreSQL. It is a wish that stands until {@link
 * Local} says that it is fulfilled, so it survives a restart of either side.
 *
 * @param fenceFor no WAL may be received, and none be written as primary, since this ballot is, or
 *     shall be, promised; nothing is followed before the wish is gone
 * @param fetch WAL that a candidate lacks, from a node that has it and cannot lead
 * @param incarnation the number to be kept in the data directory from now on, which has another
 */
public record Orders(Optional<Ballot> fenceFor, Optional<Fetch> fetch, Optional<Long> incarnation) {
  /** Nothing is asked for. */
  public static final Orders NONE =
      new Orders(Optional.empty(), Optional.empty(), Optional.empty());

  /** Stream from {@code from} until {@code upTo} is held, and be fenced again. */
  public record Fetch(NodeId from, Position upTo) {}
}
