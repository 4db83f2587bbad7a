package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How a node that has lost its leader becomes the next one: canvass, rank, prepare, accept. */
final class CandidateRules {
  private static final Duration LATE_OPINIONS = Duration.ofMillis(100);

  private CandidateRules() {}

  static void tick(Turn turn) {
    switch (turn.standing) {
      case Standing.Idle(var tryAfter) -> whenIdle(turn, tryAfter);
      case Standing.Canvassing canvassing -> whenCanvassing(turn, canvassing);
      case Standing.Waiting(var until, var reason) -> {
        if (turn.hasLeader() || !canStand(turn)) {
          turn.idle(turn.now, "a leader is heard");
        } else if (turn.reached(until)) {
          prepare(turn, Standing.Purpose.Lead.because(reason), Optional.empty());
        }
      }
      case Standing.Preparing preparing -> whenPreparing(turn, preparing);
      case Standing.Accepting accepting -> whenAccepting(turn, accepting);
      case Standing.Leading _ -> {}
    }
  }

  private static void whenIdle(Turn turn, Duration tryAfter) {
    if (!turn.reached(tryAfter) || turn.hasLeader() || !canStand(turn)) {
      return;
    }
    var blocked = turn.blockedFor(turn.self());
    if (goesOn(turn, turn.voter.record())) {
      prepare(
          turn, Standing.Purpose.Lead.because("its PostgreSQL runs as primary"), Optional.empty());
    } else if (HandOverRules.isHeir(turn)) {
      HandOverRules.succeed(turn);
    } else if (!HandOverRules.keepsBack(turn) && blocked.compareTo(turn.timing().rankStep()) < 0) {
      canvass(turn);
    }
  }

  /**
   * Whether this node could lead as far as it knows; the promises may still say otherwise. Data on
   * a newer timeline than the record's are no objection: the record stored here may be an old one.
   */
  static boolean canStand(Turn turn) {
    var local = turn.local;
    if (!local.able()) {
      return false;
    }
    var known = turn.voter.record().filter(it -> it.systemIdentifier().isPresent());
    if (known.isEmpty()) {
      return true;
    }
    var record = known.get();
    if (record.sync().isPresent()) {
      return local.systemIdentifier().equals(record.systemIdentifier())
          && turn.position().isPresent();
    }
    return local.systemIdentifier().equals(record.systemIdentifier())
        && local.position().isPresent()
        && (goesOn(turn, known)
            || turn.hearing
                .leaderPosition()
                .filter(it -> loss(local.position(), it, record) > local.lagMaxBytes())
                .isEmpty());
  }

  static long loss(Optional<Position> mine, Position other, ClusterRecord record) {
    return mine.map(it -> LossBound.bytes(it, other, record.history())).orElse(Long.MAX_VALUE);
  }

  /** The incumbent whose PostgreSQL still runs on the record's timeline needs no new timeline. */
  static boolean goesOn(Turn turn, Optional<ClusterRecord> known) {
    return known
        .filter(it -> it.elected().equals(Optional.of(turn.self())))
        .filter(it -> turn.local.primaryOn().equals(Optional.of(it.timeline())))
        .isPresent();
  }

  // --- canvass ----------------------------------------------------------------------------------

  private static void canvass(Turn turn) {
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
      var canvassing = new Standing.Canvassing(round, startedAt, Map.copyOf(more), askAgainAt);
      turn.standing = canvassing;
      whenCanvassing(turn, canvassing);
    }
  }

  private static void whenCanvassing(Turn turn, Standing.Canvassing canvassing) {
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
    if (turn.hasLeader() || !canStand(turn)) {
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
    tick(turn);
  }

  // --- promises ---------------------------------------------------------------------------------

  static void prepare(Turn turn, Standing.Purpose purpose, Optional<Standing.Held> held) {
    prepare(turn, purpose, turn.isSynchronous(), held);
  }

  private static void prepare(
      Turn turn, Standing.Purpose purpose, boolean fence, Optional<Standing.Held> held) {
    var term = Math.max(turn.highestTerm, turn.voter.promised().term()) + 1;
    var ballot = new Ballot(term, turn.self(), turn.voter.store());
    turn.saw(term);
    turn.standing =
        new Standing.Preparing(ballot, purpose, turn.now, Map.of(), Map.of(), fence, held);
    turn.sendToAll(new ElectionMessage.Prepare(ballot, turn.local.primaryOn(), fence));
  }

  static void onPromise(Turn turn, ElectionMessage.Promise promise) {
    if (turn.standing instanceof Standing.Preparing preparing
        && preparing.ballot().equals(promise.ballot())) {
      var promises = new HashMap<>(preparing.promises());
      promises.put(promise.from(), promise);
      turn.standing =
          new Standing.Preparing(
              preparing.ballot(),
              preparing.purpose(),
              preparing.startedAt(),
              Map.copyOf(promises),
              preparing.askAgainAt(),
              preparing.fence(),
              preparing.held());
      tryWin(turn);
    }
  }

  static void onRefused(Turn turn, ElectionMessage.Refused refused) {
    if (!(turn.standing instanceof Standing.Preparing preparing)
        || !preparing.ballot().equals(refused.refused())) {
      return;
    }
    if (refused.retryAfterMs() == 0) {
      backOff(turn, "a higher ballot is in the way");
      return;
    }
    var askAgain = new HashMap<>(preparing.askAgainAt());
    askAgain.put(refused.from(), turn.now.plusMillis(refused.retryAfterMs()));
    turn.standing =
        new Standing.Preparing(
            preparing.ballot(),
            preparing.purpose(),
            preparing.startedAt(),
            preparing.promises(),
            Map.copyOf(askAgain),
            preparing.fence(),
            preparing.held());
  }

  private static void whenPreparing(Turn turn, Standing.Preparing preparing) {
    var round =
        HandOverRules.hasSucceeded(turn)
            ? HandOver.round(turn.timing())
            : turn.timing().roundTimeout();
    var wait = round.multipliedBy(fetch(turn).isPresent() ? 10 : 1);
    if (turn.reached(preparing.startedAt().plus(wait))) {
      backOff(turn, "no majority promised");
      return;
    }
    var askAgain = new HashMap<>(preparing.askAgainAt());
    for (var node : turn.everybody()) {
      var at = askAgain.getOrDefault(node, preparing.startedAt().plus(turn.timing().resend()));
      if (!preparing.promises().containsKey(node) && turn.reached(at)) {
        askAgain.put(node, turn.now.plus(turn.timing().resend()));
        turn.send(
            node,
            new ElectionMessage.Prepare(
                preparing.ballot(), turn.local.primaryOn(), preparing.fence()));
      }
    }
    turn.standing =
        new Standing.Preparing(
            preparing.ballot(),
            preparing.purpose(),
            preparing.startedAt(),
            preparing.promises(),
            Map.copyOf(askAgain),
            preparing.fence(),
            preparing.held());
  }

  /** A random rest, so that two candidates do not collide again; an incumbent's is short. */
  private static void backOff(Turn turn, String reason) {
    var step = turn.timing().rankStep();
    var rest =
        goesOn(turn, turn.voter.record()) ? turn.jitter : step.plus(turn.jitter.multipliedBy(4));
    turn.idle(turn.now.plus(rest), reason);
  }

  /** It could have had the majority, but must not lead now; others go first for a while. */
  private static void notFit(Turn turn) {
    if (turn.local.primaryOn().isPresent()) {
      backOff(turn, "another node was elected meanwhile");
    } else {
      var rest = turn.timing().roundTimeout().multipliedBy(3).plus(turn.jitter);
      turn.idle(turn.now.plus(rest), "another node holds WAL that would be lost");
    }
  }

  // --- winning ----------------------------------------------------------------------------------

  /** The newest record among the promises; empty before they are a quorum for it. */
  private static Optional<ClusterRecord> adopted(Turn turn, Standing.Preparing preparing) {
    var promises = preparing.promises();
    var answered =
        promises.values().stream()
            .map(it -> new Voter(it.from(), it.store()))
            .collect(Collectors.toSet());
    var newest =
        promises.values().stream()
            .flatMap(it -> it.accepted().stream())
            .max(Comparator.comparing(VersionedRecord::version))
            .map(VersionedRecord::record)
            .orElseGet(() -> FirstRecord.virgin(turn, answered));
    return Optional.of(newest)
        .filter(it -> promises.containsKey(turn.self()) && it.isQuorum(answered));
  }

  private static void tryWin(Turn turn) {
    var preparing = (Standing.Preparing) turn.standing;
    var found = adopted(turn, preparing);
    if (found.isEmpty()) {
      return;
    }
    var promises = preparing.promises();
    var adopted = found.get();
    if (adopted.sync().isPresent() && !preparing.fence()) {
      // Only now it is known that fences are needed; what was promised without does not count.
      prepare(turn, preparing.purpose(), true, preparing.held());
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
              letGoFirst(turn, preparing);
          case Fitness.Behind _ -> {} // it cannot lead, or did not: its WAL is fetched
          case Fitness.Unfit _ -> notFit(turn);
        }
      }
    }
  }

  private static boolean goesFirst(Turn turn, ElectionMessage.Promise better) {
    return better.able() && !turn.hearing.hasLetGo();
  }

  /**
   * Whoever holds most and can lead is asked to stand. Should that not be heard: it has noticed the
   * same loss, and stands soon; also one whose own candidacy this one has just ended.
   */
  private static void letGoFirst(Turn turn, Standing.Preparing preparing) {
    preparing.promises().values().stream()
        .filter(ElectionMessage.Promise::able)
        .filter(_ -> !turn.hearing.released()) // a hand-over has an order of its own
        .filter(it -> isMore(it.position(), turn.position()))
        .max(Comparator.comparing(it -> it.position().orElseThrow()))
        .ifPresent(it -> turn.send(it.from(), new ElectionMessage.Yield(preparing.ballot())));
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

  /**
   * A candidate has found that this node holds more, and waits: clients do, too. Nothing but that
   * candidacy keeps this node from standing, which it may do at any time.
   */
  static void onYield(Turn turn, ElectionMessage.Yield it) {
    if (turn.voter.promised().equals(it.ballot())
        && turn.standing instanceof Standing.Idle
        && !turn.hasLeader()
        && canStand(turn)) {
      prepare(
          turn,
          Standing.Purpose.Lead.because("the leader is lost, and a candidate has less WAL"),
          Optional.empty());
    }
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

  private static void whenAccepting(Turn turn, Standing.Accepting accepting) {
    var proposal = accepting.proposal();
    if (turn.reached(proposal.sentAt().plus(turn.timing().roundTimeout()))) {
      backOff(turn, "no majority stored the record");
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
