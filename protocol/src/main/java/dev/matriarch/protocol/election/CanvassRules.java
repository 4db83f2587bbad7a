package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Steady;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Whether others have lost the leader too, and who of them goes first. */
final class CanvassRules {
  private static final Duration LATE_OPINIONS = Duration.ofMillis(100);

  private CanvassRules() {}

  static void canvass(Turn turn) {
    turn.rounds++;
    turn.standing =
        new Standing.Canvassing(
            turn.rounds, turn.now, Map.of(), turn.now.plus(turn.timing().resend()));
    turn.sendToAll(new ElectionMessage.Canvass(turn.self(), turn.rounds, turn.highestTerm));
  }

  static void onOpinion(Turn turn, ElectionMessage.Opinion opinion) {
    if (turn.standing
            instanceof Standing.Canvassing(var round, var startedAt, var opinions, var askAgainAt)
        && round == opinion.round()) {
      var more = new HashMap<>(opinions);
      more.put(opinion.from(), opinion);
      var canvassing = new Standing.Canvassing(round, startedAt, Steady.map(more), askAgainAt);
      turn.standing = canvassing;
      whenCanvassing(turn, canvassing);
    }
  }

  static void whenCanvassing(Turn turn, Standing.Canvassing canvassing) {
    var opinions = canvassing.opinions();
    var unheard = unheard(turn, opinions);
    var awaited = new HashSet<>(unheard);
    if (majorityHasLost(turn, opinions.values())) {
      turn.voter.leader().ifPresent(awaited::remove); // it is they who have to say that it is lost
    }
    var patience = canvassing.startedAt().plus(patience(turn));
    var atLast =
        canvassing.startedAt().plus(turn.timing().roundTimeout()).compareTo(patience) > 0
            ? canvassing.startedAt().plus(turn.timing().roundTimeout())
            : patience;
    if (turn.hasLeader() || !CandidateRules.canStand(turn)) {
      turn.idle(turn.now, "a leader is heard");
    } else if (wouldFoundBesideData(turn, opinions.values())) {
      var rest = turn.timing().roundTimeout().plus(turn.jitter);
      turn.idle(turn.now.plus(rest), "another node has the data of the new cluster");
    } else if (!awaited.isEmpty() && !turn.reached(patience)) {
      askAgain(turn, canvassing, unheard);
    } else if (majorityHasLost(turn, opinions.values())) {
      rank(turn, opinions);
    } else if (unheard.isEmpty() || turn.reached(atLast)) {
      turn.idle(turn.now.plus(turn.timing().rankStep()).plus(turn.jitter), "no majority");
    } else {
      opinions.values().stream()
          .filter(it -> !it.lost()) // a moment ago
          .forEach(it -> unheard.add(it.from()));
      askAgain(turn, canvassing, unheard);
    }
  }

  /**
   * How long a canvass waits for the last answers.
   *
   * <p>A node without data founds a cluster beside a member that has not answered only after a
   * whole ttl: that one may have the data, and what is founded without them would shut them out.
   */
  private static Duration patience(Turn turn) {
    if (wouldFoundWithoutData(turn)) {
      return Duration.ofMillis(turn.machine.founding().ttlMs());
    }
    return turn.voter.record().isPresent() ? LATE_OPINIONS : turn.timing().roundTimeout();
  }

  private static Set<NodeId> unheard(Turn turn, Map<NodeId, ElectionMessage.Opinion> opinions) {
    var unheard = new HashSet<NodeId>(turn.everybody());
    var founding = wouldFoundWithoutData(turn);
    opinions.values().stream()
        .filter(it -> !founding || it.standing().hasData().isPresent())
        .map(ElectionMessage.Opinion::from)
        .forEach(unheard::remove);
    return unheard;
  }

  private static void askAgain(Turn turn, Standing.Canvassing canvassing, Set<NodeId> unheard) {
    if (!turn.reached(canvassing.askAgainAt())) {
      return;
    }
    turn.standing =
        new Standing.Canvassing(
            canvassing.round(),
            canvassing.startedAt(),
            canvassing.opinions(),
            turn.now.plus(turn.timing().resend()));
    var canvass = new ElectionMessage.Canvass(turn.self(), canvassing.round(), turn.highestTerm);
    unheard.forEach(it -> turn.send(it, canvass));
  }

  private static boolean majorityHasLost(Turn turn, Collection<ElectionMessage.Opinion> opinions) {
    var voters =
        turn.voter.record().map(it -> it.voters().stores().keySet()).orElse(turn.machine.members());
    var lost = opinions.stream().filter(it -> it.lost() && voters.contains(it.from())).count();
    return lost >= voters.size() / 2 + 1;
  }

  /** A majority may promise before the node with the data does: its data would be shut out. */
  private static boolean wouldFoundBesideData(
      Turn turn, Collection<ElectionMessage.Opinion> opinions) {
    return wouldFoundWithoutData(turn)
        && opinions.stream()
            .filter(it -> !it.from().equals(turn.self()))
            .anyMatch(it -> it.standing().hasData().orElse(false));
  }

  private static boolean wouldFoundWithoutData(Turn turn) {
    return turn.voter.record().flatMap(ClusterRecord::systemIdentifier).isEmpty()
        && turn.local.position().isEmpty();
  }

  private static void rank(Turn turn, Map<NodeId, ElectionMessage.Opinion> opinions) {
    var mine = turn.candidacy();
    var better =
        opinions.values().stream()
            .map(ElectionMessage.Opinion::standing)
            .filter(it -> it.able() && HandOverRules.goesBefore(turn, it, mine))
            .count();
    var blocked = turn.blockedFor(turn.self());
    var turnOfOthers = turn.timing().rankStep().multipliedBy(better);
    var until =
        turn.now.plus(blocked).plus(turnOfOthers).plus(better > 0 ? turn.jitter : Duration.ZERO);
    var lost =
        HandOverRules.hasHandedOver(turn)
            ? "the successor did not win"
            : turn.hearing.whyGone("the leader is lost")
                + (better > 0 ? ", better candidates did not win" : "");
    var reason = turn.voter.record().isEmpty() ? "no leader is known here" : lost;
    turn.standing = new Standing.Waiting(until, reason);
    CandidateRules.tick(turn);
  }
}
