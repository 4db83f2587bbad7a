package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a winner makes of the record that it adopts: the first record of its term. */
final class FirstRecord {
  private FirstRecord() {}

  /** Before anything was ever stored, the configured members vote. */
  static ClusterRecord virgin(Turn turn, Set<Voter> answered) {
    var electorate = Electorate.ofUnheard(turn.machine.members());
    for (var voter : answered) {
      if (turn.machine.members().contains(voter.node())) {
        electorate = electorate.with(voter);
      }
    }
    return new ClusterRecord(
        0,
        Optional.empty(),
        Optional.empty(),
        0,
        electorate,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        turn.machine.founding().ttlMs(),
        Optional.empty(),
        turn.machine.founding().config());
  }

  /** The first record of the own term; empty if this node must not win with these promises. */
  static Optional<ClusterRecord> of(
      Turn turn,
      ClusterRecord adopted,
      Collection<ElectionMessage.Promise> promises,
      Ballot ballot,
      String reason) {
    var local = turn.local;
    var founded = adopted.systemIdentifier().isPresent();
    var others =
        promises.stream()
            .filter(it -> !it.from().equals(turn.self()))
            .flatMap(it -> it.position().stream())
            .filter(it -> !founded || it.timeline() <= adopted.timeline())
            .toList();
    if (CandidateRules.goesOn(turn, Optional.of(adopted))) {
      return Optional.of(adopted.ledBy(ballot.term(), turn.self(), adopted.timeline()));
    }
    if (local.primaryOn().isPresent() && adopted.elected().isPresent()) {
      return Optional.empty(); // superseded: it stops first, and stands like anybody else then
    }
    var able =
        founded
            ? local.systemIdentifier().equals(adopted.systemIdentifier())
                && local.position().filter(it -> it.timeline() <= adopted.timeline()).isPresent()
            : local.position().isPresent() || others.isEmpty();
    var tooMuchLost =
        others.stream()
            .anyMatch(
                it -> CandidateRules.loss(local.position(), it, adopted) > local.lagMaxBytes());
    if (!local.able() || !able || tooMuchLost) {
      return Optional.empty();
    }
    return Optional.of(onNewTimeline(turn, adopted, ballot, reason));
  }

  private static ClusterRecord onNewTimeline(
      Turn turn, ClusterRecord adopted, Ballot ballot, String reason) {
    var local = turn.local;
    var held = local.position().map(Position::timeline).orElse(0);
    var timeline = local.primaryOn().orElse(Math.max(adopted.timeline(), held) + 1);
    var entry =
        new HistoryEntry(
            ballot.term(),
            timeline,
            local.position().map(Position::lsn).orElse(Lsn.ZERO),
            turn.self(),
            Optional.empty(),
            reason);
    var history = new ArrayList<>(adopted.history());
    history.add(entry);
    return adopted.ledBy(ballot.term(), turn.self(), timeline).withHistory(history);
  }
}
