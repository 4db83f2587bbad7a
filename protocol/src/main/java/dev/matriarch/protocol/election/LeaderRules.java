package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.Steady;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What a leader does: beats that renew its lease, and changes of the record, one at a time. */
final class LeaderRules {
  private static final int BEATS_MAX = 128;
  private static final int QUEUE_MAX = 16;

  private LeaderRules() {}

  static void tick(Turn turn) {
    if (!(turn.standing instanceof Standing.Leading leading)) {
      return;
    }
    if (!leading.lease().isLive(turn.now)) {
      turn.idle(turn.now.plus(turn.jitter), "the lease has ended");
      return;
    }
    if (turn.reached(leading.nextBeatAt())) {
      turn.standing = beat(turn, leading);
    }
    if (turn.standing instanceof Standing.Leading now
        && now.proposal().filter(it -> turn.reached(it.sendAgainAt())).isPresent()) {
      var again = now.proposal().map(it -> sentAgain(turn, it));
      turn.standing = with(now, again, now.queue());
    } else if (turn.standing instanceof Standing.Leading now && now.proposal().isEmpty()) {
      turn.standing = settleOrNext(turn, now); // it may have adopted an unfinished change of voters
    }
  }

  /** Who is fenced follows once it hears that the leader runs as primary, and clients wait. */
  static void onLocal(Turn turn, Local before) {
    if (turn.standing instanceof Standing.Leading leading
        && leading.lease().isLive(turn.now)
        && isPrimaryOf(leading, turn.local)
        && !isPrimaryOf(leading, before)) {
      turn.standing = beat(turn, leading);
    }
  }

  private static boolean isPrimaryOf(Standing.Leading leading, Local local) {
    var timeline = leading.chosen().record().timeline();
    return local.primaryOn().isPresent()
        && local.position().filter(it -> it.timeline() == timeline).isPresent();
  }

  private static Standing.Leading beat(Turn turn, Standing.Leading leading) {
    var chosen = leading.chosen().record();
    // A longer lease is used once its record is chosen; with a shorter one on its way a voter may
    // have stored that already, and grants no more.
    var ttlMs =
        leading
            .proposal()
            .map(it -> Math.min(it.value().record().ttlMs(), chosen.ttlMs()))
            .orElse(chosen.ttlMs());
    var beats = new TreeMap<>(leading.beats());
    beats.put(leading.nextNumber(), new Standing.SentBeat(turn.now, ttlMs, Set.of()));
    if (beats.size() > BEATS_MAX) {
      beats.pollFirstEntry();
    }
    turn.sendToAll(
        new ElectionMessage.Beat(
            turn.self(),
            turn.voter.version(),
            leading.nextNumber(),
            ttlMs,
            turn.local.position(),
            turn.local.primaryOn().isPresent()));
    return new Standing.Leading(
        leading.chosen(),
        leading.lease(),
        beats,
        leading.nextNumber() + 1,
        turn.now.plus(turn.timing().heartbeat()),
        leading.proposal(),
        leading.queue());
  }

  static void onGranted(Turn turn, ElectionMessage.Granted granted) {
    if (!(turn.standing instanceof Standing.Leading leading)
        || !leading.lease().ballot().equals(granted.ballot())) {
      return;
    }
    var voter = new Voter(granted.from(), granted.store());
    turn.standing = answered(turn, leading, granted.number(), voter);
    if (granted.version().compareTo(turn.voter.version()) < 0) {
      turn.voter
          .accepted()
          .ifPresent(it -> turn.send(granted.from(), new ElectionMessage.Accept(it)));
    }
    enfranchise(turn, voter, granted.number());
  }

  private static Standing.Leading answered(
      Turn turn, Standing.Leading leading, long number, Voter voter) {
    var sent = leading.beats().get(number);
    if (sent == null) {
      return leading;
    }
    var answeredBy = new HashSet<>(sent.answeredBy());
    answeredBy.add(voter);
    var beats = new TreeMap<>(leading.beats());
    var lease = leading.lease();
    if (leading.chosen().record().isQuorum(answeredBy)) {
      var until = sent.sentAt().plus(turn.lease(sent.ttlMs()));
      if (until.compareTo(lease.until()) > 0) {
        lease = new Standing.Lease(lease.ballot(), until);
      }
      beats.headMap(number).values().removeIf(it -> !isRecent(turn, it));
    }
    // Kept also after the majority: late answers tell which voters are there.
    beats.put(number, new Standing.SentBeat(sent.sentAt(), sent.ttlMs(), Steady.set(answeredBy)));
    return new Standing.Leading(
        leading.chosen(),
        lease,
        beats,
        leading.nextNumber(),
        leading.nextBeatAt(),
        leading.proposal(),
        leading.queue());
  }

  /** A voter that promised more is fenced from this leadership: stand again to win it back. */
  static void onRefused(Turn turn, ElectionMessage.Refused refused) {
    if (turn.standing instanceof Standing.Leading leading
        && leading.lease().ballot().equals(refused.refused())
        && refused.retryAfterMs() == 0) {
      var held = Optional.of(new Standing.Held(leading.lease(), leading.chosen()));
      turn.idle(turn.now, "a voter has promised a higher ballot");
      CandidateRules.prepare(
          turn, Standing.Purpose.Lead.because("a voter had promised another"), held);
    }
  }

  static void onPropose(Turn turn, Standing.Request request) {
    switch (turn.standing) {
      case Standing.Leading leading when leading.queue().size() >= QUEUE_MAX ->
          turn.decided(request.id(), new Effect.Verdict.Refused("too many changes at once"));
      case Standing.Leading leading -> {
        var queue = new ArrayList<>(leading.queue());
        queue.add(request);
        turn.standing = next(turn, with(leading, leading.proposal(), List.copyOf(queue)));
      }
      case Standing.Idle _ when !turn.hasLeader() && ChangeRules.needsLeader(request.change()) ->
          turn.decided(
              request.id(),
              new Effect.Verdict.Refused("only a leader can change that; there is none"));
      case Standing.Idle _ when !turn.hasLeader() ->
          CandidateRules.prepare(turn, new Standing.Purpose.Care(request), Optional.empty());
      case Standing.Idle _,
          Standing.Canvassing _,
          Standing.Waiting _,
          Standing.Preparing _,
          Standing.Accepting _ ->
          turn.decided(
              request.id(), new Effect.Verdict.Refused("this node is not the leader; ask it"));
    }
  }

  /** Begins the next change if none is on its way. */
  private static Standing.Leading next(Turn turn, Standing.Leading leading) {
    if (leading.proposal().isPresent() || leading.queue().isEmpty()) {
      return leading;
    }
    var request = leading.queue().getFirst();
    var rest = leading.queue().subList(1, leading.queue().size());
    var obstacle = ChangeRules.obstacle(turn, leading.chosen().record(), request.change());
    if (obstacle.isPresent()) {
      turn.decided(request.id(), new Effect.Verdict.Refused(obstacle.get()));
      return next(turn, with(leading, Optional.empty(), List.copyOf(rest)));
    }
    var record = request.change().apply(leading.chosen().record());
    if (record.equals(leading.chosen().record())) {
      turn.decided(request.id(), new Effect.Verdict.Chosen(leading.chosen().version()));
      return next(turn, with(leading, Optional.empty(), List.copyOf(rest)));
    }
    return with(
        leading, Optional.of(offer(turn, Optional.of(request), leading.chosen(), record)), rest);
  }

  private static Standing.Proposal offer(
      Turn turn, Optional<Standing.Request> request, VersionedRecord chosen, ClusterRecord record) {
    var value = new VersionedRecord(chosen.version().next(), record);
    turn.sendToAll(new ElectionMessage.Accept(value));
    return new Standing.Proposal(
        request, value, Set.of(), turn.now, turn.now.plus(turn.timing().resend()));
  }

  static void onAccepted(Turn turn, ElectionMessage.Accepted accepted) {
    if (!(turn.standing instanceof Standing.Leading leading)
        || leading
            .proposal()
            .filter(it -> it.value().version().equals(accepted.version()))
            .isEmpty()) {
      return;
    }
    var proposal = leading.proposal().get();
    var stored = new HashSet<>(proposal.storedBy());
    stored.add(new Voter(accepted.from(), accepted.store()));
    var more = storedBy(proposal, stored);
    if (!more.value().record().isQuorum(stored)) {
      turn.standing = with(leading, Optional.of(more), leading.queue());
      return;
    }
    more.request()
        .ifPresent(it -> turn.decided(it.id(), new Effect.Verdict.Chosen(accepted.version())));
    var chosen =
        new Standing.Leading(
            more.value(),
            leading.lease(),
            leading.beats(),
            leading.nextNumber(),
            leading.nextBeatAt(),
            Optional.empty(),
            leading.queue());
    turn.standing = settleOrNext(turn, chosen);
  }

  private static Standing.Leading settleOrNext(Turn turn, Standing.Leading leading) {
    if (leading.chosen().record().outgoing().isEmpty()) {
      return next(turn, leading);
    }
    var settled = new RecordChange.Settle().apply(leading.chosen().record());
    var proposal = offer(turn, Optional.empty(), leading.chosen(), settled);
    return with(leading, Optional.of(proposal), leading.queue());
  }

  /**
   * A configured member that answers from a store which the record does not name. It has to answer
   * a recent beat: an answer that comes late may be from a store that is gone already.
   */
  private static void enfranchise(Turn turn, Voter voter, long number) {
    if (!(turn.standing instanceof Standing.Leading leading)
        || leading.proposal().isPresent()
        || leading.chosen().record().outgoing().isPresent()
        || leading.chosen().record().voters().counts(voter)
        || !turn.machine.members().contains(voter.node())
        || !isNewest(leading, number)
        || outlastsNewGrants(turn, leading)) {
      return;
    }
    var changed = new RecordChange.Enfranchise(voter).apply(leading.chosen().record());
    if (changed.voters().hasMajority(present(turn, leading))) {
      var proposal = offer(turn, Optional.empty(), leading.chosen(), changed);
      turn.standing = with(leading, Optional.of(proposal), leading.queue());
    }
  }

  /** Whether it was sent, and no later one has been answered by a majority. */
  private static boolean isNewest(Standing.Leading leading, long number) {
    return leading.beats().containsKey(number)
        && leading.beats().tailMap(number + 1).values().stream()
            .noneMatch(it -> leading.chosen().record().isQuorum(it.answeredBy()));
  }

  /**
   * Voters that have answered a moment ago: a store that has gone meanwhile must not be counted on.
   */
  static Set<Voter> present(Turn turn, Standing.Leading leading) {
    var present = new HashSet<Voter>();
    leading.beats().values().stream()
        .filter(it -> isRecent(turn, it))
        .forEach(it -> present.addAll(it.answeredBy()));
    return present;
  }

  private static boolean isRecent(Turn turn, Standing.SentBeat beat) {
    return beat.sentAt().compareTo(turn.now.minus(turn.timing().suspicion())) >= 0;
  }

  /**
   * Whether the lease, won when leases were longer, ends after what a voter grants from now on. A
   * new store knows nothing of the longer grant of the one it replaces.
   */
  private static boolean outlastsNewGrants(Turn turn, Standing.Leading leading) {
    var granted = turn.now.plus(turn.timing().lease(leading.chosen().record().ttlMs()));
    return leading.lease().until().compareTo(granted) > 0;
  }

  static void onGiveUp(Turn turn, Input.GiveUp giveUp) {
    var ballot =
        switch (turn.standing) {
          case Standing.Leading leading -> Optional.of(leading.lease().ballot());
          case Standing.Idle _,
              Standing.Canvassing _,
              Standing.Waiting _,
              Standing.Preparing _,
              Standing.Accepting _ ->
              Optional.<Ballot>empty();
        };
    // A lease must outlive the primary that runs under it.
    if (ballot.isEmpty() || turn.local.primaryOn().isPresent()) {
      return;
    }
    var rest =
        giveUp.successor().isEmpty()
            ? turn.timing().roundTimeout()
            : giveUp.because().isEmpty()
                ? Duration.ZERO // the hand-over itself says when it may stand again
                : turn.timing().roundTimeout().multipliedBy(3);
    turn.idle(turn.now.plus(rest).plus(turn.jitter), "the lease was given up");
    turn.sendToAll(
        new ElectionMessage.Release(
            ballot.get(), giveUp.successor(), giveUp.upTo(), giveUp.because()));
  }

  /**
   * No beat is sent any more, and the lease ends by itself: it may still be needed by the primary
   * that cannot be ended, so nothing is released.
   */
  static void onResign(Turn turn) {
    switch (turn.standing) {
      case Standing.Leading leading -> {
        var rest = Duration.ofMillis(leading.chosen().record().ttlMs());
        turn.idle(turn.now.plus(rest), "the lease is left to end");
      }
      case Standing.Idle _,
          Standing.Canvassing _,
          Standing.Waiting _,
          Standing.Preparing _,
          Standing.Accepting _ -> {}
    }
  }

  static Standing.Proposal sentAgain(Turn turn, Standing.Proposal proposal) {
    var has = new HashSet<>();
    proposal.storedBy().forEach(it -> has.add(it.node()));
    for (var node : turn.everybody()) {
      if (!has.contains(node)) {
        turn.send(node, new ElectionMessage.Accept(proposal.value()));
      }
    }
    return new Standing.Proposal(
        proposal.request(),
        proposal.value(),
        proposal.storedBy(),
        proposal.sentAt(),
        turn.now.plus(turn.timing().resend()));
  }

  static Standing.Proposal storedBy(Standing.Proposal proposal, Set<Voter> stored) {
    return new Standing.Proposal(
        proposal.request(),
        proposal.value(),
        Steady.set(stored),
        proposal.sentAt(),
        proposal.sendAgainAt());
  }

  /** An operator wants this node, whatever the others hold. */
  static void onForce(Turn turn, String reason) {
    if (turn.hasLeader() || !turn.local.able()) {
      return;
    }
    turn.idle(turn.now, "an operator has forced an election"); // whoever asked gets to know
    CandidateRules.prepare(turn, new Standing.Purpose.Lead(reason, true), Optional.empty());
  }

  private static Standing.Leading with(
      Standing.Leading leading,
      Optional<Standing.Proposal> proposal,
      List<Standing.Request> queue) {
    return new Standing.Leading(
        leading.chosen(),
        leading.lease(),
        leading.beats(),
        leading.nextNumber(),
        leading.nextBeatAt(),
        proposal,
        queue);
  }
}
