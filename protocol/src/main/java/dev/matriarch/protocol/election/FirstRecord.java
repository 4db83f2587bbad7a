package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a winner makes of the record that it adopts: the first record of its term. */
final class FirstRecord {
  private FirstRecord() {}

  /** What {@code other} holds and this node does not. */
  private record Lack(ElectionMessage.Promise other, long bytes) {}

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
    if (purpose.acceptsLoss() && adopted.systemIdentifier().isEmpty()) {
      return new Fitness.Unfit("there is no cluster yet that could have lost anything");
    }
    var sync = adopted.sync().filter(_ -> !purpose.acceptsLoss());
    if (sync.isPresent()) {
      var missing = SynchronousWin.missing(turn, adopted, sync.get(), promises);
      if (missing.isPresent()) {
        // Nobody but itself has written what its standbys hold: it has not looked since.
        return goesOn && missing.get() instanceof Fitness.Behind
            ? new Fitness.Waits()
            : missing.get();
      }
    } else if (!goesOn && !isNear(turn, adopted, promises, purpose.acceptsLoss())) {
      return new Fitness.Unfit("another node holds WAL that would be lost");
    } else if (!goesOn && !purpose.acceptsLoss() && !turn.hearing.hasLetGo()) {
      var better = better(turn, adopted, promises);
      if (better.isPresent()) {
        return new Fitness.Behind(better.get());
      }
    }
    var first =
        goesOn
            ? adopted.ledBy(ballot.term(), turn.self(), adopted.timeline())
            : onNewTimeline(turn, adopted, ballot, purpose);
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
    var able =
        founded
            ? local.systemIdentifier().equals(adopted.systemIdentifier())
                && local.position().filter(it -> it.timeline() <= adopted.timeline()).isPresent()
            : local.position().isPresent() || others(turn, adopted, promises).findAny().isEmpty();
    var lacks = lacks(turn, adopted, promises).stream();
    return local.able()
        && able
        && (acceptsLoss || lacks.allMatch(it -> it.bytes() <= local.lagMaxBytes()));
  }

  /** Asynchronous mode: who could lead and holds WAL that is missing here, however little. */
  private static Optional<ElectionMessage.Promise> better(
      Turn turn, ClusterRecord adopted, Collection<ElectionMessage.Promise> promises) {
    return lacks(turn, adopted, promises).stream()
        .filter(it -> it.bytes() > 0)
        .map(Lack::other)
        .filter(ElectionMessage.Promise::able)
        .max(SynchronousWin.BY_POSITION);
  }

  private static List<Lack> lacks(
      Turn turn, ClusterRecord adopted, Collection<ElectionMessage.Promise> promises) {
    var mine = turn.local.position();
    var others = others(turn, adopted, promises).toList();
    var told = new HashMap<NodeId, Position>();
    others.forEach(it -> told.put(it.from(), it.position().orElseThrow()));
    mine.ifPresent(it -> told.put(turn.self(), it));
    var history = adopted.history();
    var last = LastWritten.timelines(history, told);
    return others.stream()
        .map(other -> {
          var its = other.position().orElseThrow();
          return new Lack(
              other,
              mine.map(it -> LossBound.bytes(it, its, history, last)).orElse(Long.MAX_VALUE));
        })
        .toList();
  }

  /** Who else has promised, and holds WAL that may have been acknowledged. */
  private static Stream<ElectionMessage.Promise> others(
      Turn turn, ClusterRecord adopted, Collection<ElectionMessage.Promise> promises) {
    var founded = adopted.systemIdentifier().isPresent();
    return promises.stream()
        .filter(it -> !it.from().equals(turn.self()))
        .filter(it ->
            it.position()
                .filter(at -> !founded || at.timeline() <= adopted.timeline())
                .isPresent());
  }

  private static ClusterRecord onNewTimeline(
      Turn turn, ClusterRecord adopted, Ballot ballot, Standing.Purpose.Lead purpose) {
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
            reason(adopted, purpose),
            Optional.of(held).filter(it -> it > 0 && it < timeline));
    var history = new ArrayList<>(adopted.history());
    history.add(entry);
    return adopted.ledBy(ballot.term(), turn.self(), timeline).withHistory(history);
  }

  /** As the history tells it. */
  private static String reason(ClusterRecord adopted, Standing.Purpose.Lead purpose) {
    if (adopted.elected().isEmpty() && adopted.systemIdentifier().isEmpty()) {
      return "a new cluster";
    }
    return purpose.acceptsLoss()
        ? "forced, commits may be lost: " + purpose.reason()
        : purpose.reason();
  }
}
