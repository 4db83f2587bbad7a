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
   * @param record the newest chosen record of the own term; while the leader stands again, the
   *     newest that it has stored: what it had proposed last may be in it, and never be chosen
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

  /** The agent has just started and has not read yet what its voter had stored. */
  record Loading() implements LeaseView {
    @Override
    public Optional<ClusterRecord> known() {
      return Optional.empty();
    }
  }

  /**
   * The voter's store has failed: this node takes no part in elections until its agent is
   * restarted, and does not hear any more who leads.
   *
   * @param known the newest record that was stored; empty if it could not even be read
   */
  record Mute(Optional<ClusterRecord> known) implements LeaseView {}
}
