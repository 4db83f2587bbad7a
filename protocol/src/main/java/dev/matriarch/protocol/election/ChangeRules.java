package dev.matriarch.protocol.election;

import java.util.Optional;

/** Which changes of the record a leader may propose at the moment. */
final class ChangeRules {
  private ChangeRules() {}

  /** A synchronous set is what the primary's PostgreSQL does; voters are counted by who answers. */
  static boolean needsLeader(RecordChange change) {
    return switch (change) {
      case RecordChange.Synchronise _, RecordChange.Disenfranchise _ -> true;
      case RecordChange.Identify _,
          RecordChange.Forked _,
          RecordChange.Measured _,
          RecordChange.Configure _,
          RecordChange.Enfranchise _,
          RecordChange.Settle _ ->
          false;
    };
  }

  /** Why the change must not be proposed now. */
  static Optional<String> obstacle(Turn turn, ClusterRecord record, RecordChange change) {
    return switch (change) {
      case RecordChange.Synchronise(var set) -> synchronise(turn, record, set);
      case RecordChange.Disenfranchise leaving -> disenfranchise(turn, record, leaving);
      case RecordChange.Identify _,
          RecordChange.Forked _,
          RecordChange.Measured _,
          RecordChange.Configure _,
          RecordChange.Enfranchise _,
          RecordChange.Settle _ ->
          Optional.empty();
    };
  }

  /**
   * The members are of the cluster that the record names; while it names none, nobody could be
   * elected from among them. Every setting that any process of the primary may go by must guarantee
   * the new record, from now on; and what was acknowledged before is covered by the old record's
   * own promise, or was proven to be there.
   */
  private static Optional<String> synchronise(
      Turn turn, ClusterRecord record, Optional<SyncSet> set) {
    if (set.isEmpty()) {
      return Optional.empty();
    }
    if (record.systemIdentifier().isEmpty()) {
      return Optional.of("the record does not name the database cluster yet"); // who could win?
    }
    if (!turn.local.primaryOn().equals(Optional.of(record.timeline()))) {
      return Optional.of("PostgreSQL is not primary yet");
    }
    var replication = turn.local.replication();
    var now =
        !replication.settings().isEmpty()
            && replication.settings().stream()
                .allMatch(it -> Guarantee.holds(turn.self(), it, set));
    if (!now) {
      return Optional.of("PostgreSQL may still acknowledge commits that would not be covered");
    }
    var before = Guarantee.holds(turn.self(), record.sync(), set);
    return before || replication.proven().equals(set)
        ? Optional.empty()
        : Optional.of(
            "earlier commits are not known to be on %d members".formatted(set.get().copies()));
  }

  private static Optional<String> disenfranchise(
      Turn turn, ClusterRecord record, RecordChange.Disenfranchise change) {
    var node = change.node();
    if (node.equals(turn.self())) {
      return Optional.of("the leader stays a voter; hand over first");
    }
    if (record.outgoing().isPresent()) {
      return Optional.of("the last change of voters is not finished");
    }
    if (record.sync().filter(it -> SynchronousWin.isMember(it, node)).isPresent()) {
      return Optional.of("%s is in the synchronous set".formatted(node));
    }
    return turn.standing instanceof Standing.Leading leading
            && record.voters().without(node).hasMajority(LeaderRules.present(turn, leading))
        ? Optional.empty()
        : Optional.of("a majority of the remaining voters is not there");
  }
}
