package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a candidate does with the promises of others: its first record, and its leadership. */
final class WinRules {
  private WinRules() {}

  /** The newest record among the promises; empty before they are a quorum for it. */
  private static Optional<ClusterRecord> adopted(Turn turn, Standing.Preparing preparing) {
    var promises = preparing.promises();
    if (!promises.containsKey(turn.self())) {
      return Optional.empty();
    }
    var newest =
        promises.values().stream()
            .flatMap(it -> it.accepted().stream())
            .max(Comparator.comparing(VersionedRecord::version))
            .map(VersionedRecord::record);
    var answered = voters(promises.values(), newest.isPresent() || isWhole(turn, promises));
    return Optional.of(newest.orElseGet(() -> FirstRecord.virgin(turn, answered)))
        .filter(it -> it.isQuorum(answered));
  }

  /** Those that may have forgotten a record do not found a cluster, unless nobody is missing. */
  private static Set<Voter> voters(
      Collection<ElectionMessage.Promise> promises, boolean forgetfulToo) {
    return promises.stream()
        .filter(it -> forgetfulToo || !it.forgetful())
        .map(it -> new Voter(it.from(), it.store()))
        .collect(Collectors.toSet());
  }

  private static boolean isWhole(Turn turn, Map<NodeId, ElectionMessage.Promise> promises) {
    return promises.keySet().containsAll(turn.machine.members());
  }

  static void tryWin(Turn turn) {
    var preparing = (Standing.Preparing) turn.standing;
    var found = adopted(turn, preparing);
    if (found.isEmpty()) {
      return;
    }
    var promises = preparing.promises();
    var adopted = found.get();
    if (adopted.sync().isPresent() && !preparing.fence()) {
      // Only now it is known that fences are needed; what was promised without does not count.
      CandidateRules.prepare(turn, preparing.purpose(), true, preparing.held());
      return;
    }
    switch (preparing.purpose()) {
      case Standing.Purpose.Care(var request) ->
          propose(turn, request.change().apply(adopted.inCare(preparing.ballot().term())));
      case Standing.Purpose.Lead lead -> {
        switch (FirstRecord.of(turn, adopted, promises.values(), preparing.ballot(), lead)) {
          case Fitness.Wins(var record) -> propose(turn, record);
          case Fitness.Waits() -> {}
          case Fitness.Behind(var better) when goesFirst(turn, better) ->
              letGoFirst(turn, preparing, better);
          case Fitness.Behind _ -> {} // it cannot lead, or did not: its WAL is fetched
          case Fitness.Unfit _ -> notFit(turn);
        }
      }
    }
  }

  /** It could have had the majority, but must not lead now; others go first for a while. */
  private static void notFit(Turn turn) {
    if (turn.local.primaryOn().isPresent()) {
      CandidateRules.backOff(turn, "another node was elected meanwhile");
    } else {
      var rest = turn.timing().roundTimeout().multipliedBy(3).plus(turn.jitter);
      turn.idle(turn.now.plus(rest), "another node holds WAL that would be lost");
    }
  }

  private static boolean goesFirst(Turn turn, ElectionMessage.Promise better) {
    return better.able() && !turn.hearing.hasLetGo();
  }

  /**
   * Whoever holds most and can lead is asked to stand. Should that not be heard: it has noticed the
   * same loss, and stands soon; also one whose own candidacy this one has just ended.
   */
  private static void letGoFirst(
      Turn turn, Standing.Preparing preparing, ElectionMessage.Promise better) {
    var most =
        preparing.promises().values().stream()
            .filter(ElectionMessage.Promise::able)
            .filter(it -> isMore(it.position(), turn.position()))
            .max(SynchronousWin.BY_POSITION)
            .orElse(better); // on an older timeline, which lives on in a newer one
    if (!turn.hearing.released()) { // a hand-over has an order of its own
      turn.send(most.from(), new ElectionMessage.Yield(preparing.ballot()));
    }
    turn.hearing = turn.hearing.lettingGo();
    var rest =
        turn.timing()
            .roundTimeout()
            .multipliedBy(HandOverRules.hasSucceeded(turn) ? 2 : 1) // they gave it as much
            .plus(turn.timing().rankStep().multipliedBy(3))
            .plus(turn.jitter);
    turn.idle(turn.now.plus(rest), "a better candidate can lead");
  }

  private static boolean isMore(Optional<Position> other, Optional<Position> mine) {
    return other.isPresent() && mine.filter(it -> it.compareTo(other.get()) >= 0).isEmpty();
  }

  /** The WAL that only stands between this candidate and its win, as long as its promise holds. */
  static Optional<Orders.Fetch> fetch(Turn turn) {
    return turn.standing instanceof Standing.Preparing preparing
            && preparing.purpose() instanceof Standing.Purpose.Lead lead
            && turn.voter.promised().equals(preparing.ballot())
            && turn.local.primaryOn().isEmpty()
            && adopted(turn, preparing)
                    .map(it ->
                        FirstRecord.of(
                            turn, it, preparing.promises().values(), preparing.ballot(), lead))
                    .orElseGet(Fitness.Waits::new)
                instanceof Fitness.Behind(var better)
            && !goesFirst(turn, better)
        ? better.position().map(it -> new Orders.Fetch(better.from(), it))
        : Optional.empty();
  }

  private static void propose(Turn turn, ClusterRecord record) {
    var preparing = (Standing.Preparing) turn.standing;
    var value = new VersionedRecord(new Version(preparing.ballot(), 1), record);
    var proposal =
        new Standing.Proposal(
            Optional.empty(), value, Set.of(), turn.now, turn.now.plus(turn.timing().resend()));
    turn.standing = new Standing.Accepting(proposal, preparing.purpose(), preparing.held());
    turn.sendToAll(new ElectionMessage.Accept(value));
  }

  static void whenAccepting(Turn turn, Standing.Accepting accepting) {
    var proposal = accepting.proposal();
    if (turn.reached(proposal.sentAt().plus(turn.timing().roundTimeout()))) {
      CandidateRules.backOff(turn, "no majority stored the record");
    } else if (turn.reached(proposal.sendAgainAt())) {
      turn.standing =
          new Standing.Accepting(
              LeaderRules.sentAgain(turn, proposal), accepting.purpose(), accepting.held());
    }
  }

  static void onAccepted(Turn turn, ElectionMessage.Accepted accepted) {
    if (!(turn.standing instanceof Standing.Accepting(var proposal, var purpose, var held))
        || !proposal.value().version().equals(accepted.version())) {
      return;
    }
    var storedBy = new HashSet<>(proposal.storedBy());
    storedBy.add(new Voter(accepted.from(), accepted.store()));
    var more = LeaderRules.storedBy(proposal, storedBy);
    turn.standing = new Standing.Accepting(more, purpose, held);
    if (!more.value().record().isQuorum(storedBy)) {
      return;
    }
    if (!turn.voter.promised().equals(accepted.version().ballot())) {
      turn.idle(turn.now, "another ballot was promised meanwhile");
      return;
    }
    switch (purpose) {
      case Standing.Purpose.Care(var request) -> {
        turn.standing = new Standing.Idle(turn.now);
        turn.decided(request.id(), new Effect.Verdict.Chosen(accepted.version()));
      }
      case Standing.Purpose.Lead _ -> begin(turn, more, held);
    }
  }

  private static void begin(Turn turn, Standing.Proposal chosen, Optional<Standing.Held> held) {
    FenceRules.released(turn);
    var value = chosen.value();
    var until = chosen.sentAt().plus(turn.lease(value.record().ttlMs()));
    var latest =
        held.map(it -> it.lease().until()).filter(it -> it.compareTo(until) > 0).orElse(until);
    turn.standing =
        new Standing.Leading(
            value,
            new Standing.Lease(value.version().ballot(), latest),
            new TreeMap<>(),
            1,
            turn.now,
            Optional.empty(),
            List.of());
  }
}
