package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Optional;

/** Leadership as one node knows it at one moment. */
public sealed interface LeaseView {
  /** The newest record stored here. */
  Optional<ClusterRecord> known();

  /**
   * This node may run PostgreSQL as primary until {@code until}, on the host's clock.
   *
   * @param record the chosen record of the own term
   */
  record Mine(Ballot ballot, Duration until, ClusterRecord record) implements LeaseView {
    @Override
    public Optional<ClusterRecord> known() {
      return Optional.of(record);
    }
  }

  /** Another node leads and is heard. */
  record Theirs(NodeId leader, ClusterRecord record) implements LeaseView {
    @Override
    public Optional<ClusterRecord> known() {
      return Optional.of(record);
    }
  }

  /** Nobody leads, as far as this node knows. */
  record Vacant(Optional<ClusterRecord> known) implements LeaseView {}
}
