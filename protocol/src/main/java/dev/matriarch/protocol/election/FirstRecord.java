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

  /** What {@code promises} of a quorum allow; {@code adopted} is the newest record among them. */
  static Fitness of(
      Turn turn,
      ClusterRecord adopted,
      Collection<ElectionMessage.Promise> promises,
      Ballot ballot,
      Standing.Purpose.Lead purpose) {
    var goesOn = CandidateRules.goesOn(turn, Optional.of(adopted));
    if (!goesOn && turn.local.primaryOn().isPresent() && adopted.elected().isPresent()) {
      return new Fitness.Unfit("another node was elected meanwhile; PostgreSQL stops first");
    }
    var sync = adopted.sync().filter(_ -> !purpose.acceptsLoss());
    if (sync.isPresent()) {
      var missing = SynchronousWin.missing(turn, adopted, sync.get(), promises);
      if (missing.isPresent()) {
        return missing.get();
      }
    } else if (!goesOn && !isNear(turn, adopted, promises, purpose.acceptsLoss())) {
      return new Fitness.Unfit("another node holds WAL that would be lost");
    }
    var first =
        goesOn
            ? adopted.ledBy(ballot.term(), turn.self(), adopted.timeline())
            : onNewTimeline(turn, adopted, ballot, purpose.reason());
    return new Fitness.Wins(
        first.withSync(
            purpose.acceptsLoss() && adopted.sync().isPresent()
                ? Optional.of(SynchronousWin.alone(turn))
                : sync.map(it -> SynchronousWin.joined(turn, it))));
  }

  /** Asynchronous mode: whether not too much of what the others hold is missing here. */
  private static boolean isNear(
      Turn turn,
      ClusterRecord adopted,
      Collection<ElectionMessage.Promise> promises,
      boolean acceptsLoss) {
    var local = turn.local;
    var founded = adopted.systemIdentifier().isPresent();
    var others =
        promises.stream()
            .filter(it -> !it.from().equals(turn.self()))
            .flatMap(it -> it.position().stream())
            .filter(it -> !founded || it.timeline() <= adopted.timeline())
            .toList();
    var able =
        founded
            ? local.systemIdentifier().equals(adopted.systemIdentifier())
                && local.position().filter(it -> it.timeline() <= adopted.timeline()).isPresent()
            : local.position().isPresent() || others.isEmpty();
    var tooMuchLost =
        others.stream()
            .anyMatch(
                it -> CandidateRules.loss(local.position(), it, adopted) > local.lagMaxBytes());
    return local.able() && able && (acceptsLoss || !tooMuchLost);
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
