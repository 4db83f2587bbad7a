package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** One step while it is being made: the state so far, and what is to be done about it. */
final class Turn {
  final ElectionMachine machine;
  final Duration now;
  final Duration jitter;
  VoterState voter;
  Grant grant;
  Local local;
  Hearing hearing;
  Optional<ElectionState.Fencing> fencing;
  long unfencedTerm;
  long highestTerm;
  long rounds;
  Standing standing;

  private final ElectionState before;
  private final List<Effect> effects = new ArrayList<>();
  private final Deque<ElectionMessage> toSelf = new ArrayDeque<>();

  Turn(ElectionMachine machine, ElectionState before, Duration now, Duration jitter) {
    this.machine = machine;
    this.before = before;
    this.now = now;
    this.jitter = jitter;
    voter = before.voter();
    grant = before.grant();
    local = before.local();
    hearing = before.hearing();
    fencing = before.fencing();
    unfencedTerm = before.unfencedTerm();
    highestTerm = before.highestTerm();
    rounds = before.rounds();
    standing = before.standing();
  }

  NodeId self() {
    return machine.self();
  }

  ElectionTiming timing() {
    return machine.timing();
  }

  /** A message to this node itself is handled within the same step. */
  void send(NodeId to, ElectionMessage message) {
    if (to.equals(self())) {
      toSelf.addLast(message);
    } else {
      effects.add(new Effect.Send(to, message));
    }
  }

  void sendToAll(ElectionMessage message) {
    everybody().forEach(node -> send(node, message));
  }

  /** All that may have a vote: configured members, and voters of the stored record. */
  SortedSet<NodeId> everybody() {
    var voters = voter.record().map(ClusterRecord::voterNodes).orElse(Set.of());
    if (machine.members().containsAll(voters)) {
      return machine.members();
    }
    var nodes = new TreeSet<>(machine.members());
    nodes.addAll(voters);
    return nodes;
  }

  void decided(long id, Effect.Verdict verdict) {
    effects.add(new Effect.Decided(id, verdict));
  }

  void saw(long term) {
    highestTerm = Math.max(highestTerm, term);
  }

  boolean reached(Duration deadline) {
    return now.compareTo(deadline) >= 0;
  }

  Duration silentUntil() {
    return before.silentUntil();
  }

  /** How long a lease or a silence keeps {@code candidate} from this voter's promise. */
  Duration blockedFor(NodeId candidate) {
    if (isSynchronous()) {
      return Duration.ZERO; // the fence keeps the old leader from acknowledging, not the clock
    }
    var byGrant = grant.blocks(candidate, now) ? grant.until().minus(now) : Duration.ZERO;
    var exempt = voter.leader().equals(Optional.of(candidate));
    var bySilence = exempt || reached(silentUntil()) ? Duration.ZERO : silentUntil().minus(now);
    return byGrant.compareTo(bySilence) > 0 ? byGrant : bySilence;
  }

  /** As the newest record stored here says. */
  boolean isSynchronous() {
    return voter.record().flatMap(ClusterRecord::sync).isPresent();
  }

  /** The position that may be told: that of the incarnation which the voter knows. */
  Optional<Position> position() {
    var number = local.replication().incarnation();
    var same = number.isEmpty() || number.get() == voter.incarnation().number();
    return same ? local.position().filter(it -> !isLessThanReported(it)) : Optional.empty();
  }

  boolean isLessThanReported(Position position) {
    return isSynchronous() && voter.reported().filter(it -> position.compareTo(it) < 0).isPresent();
  }

  /** The right to lead lasts so long from the send time of a beat that a majority answered. */
  Duration lease(long ttlMs) {
    var lease = timing().lease(ttlMs);
    return isSynchronous() && lease.compareTo(timing().fenceTimeout()) > 0
        ? timing().fenceTimeout()
        : lease;
  }

  /** Whether this node leads, or hears the leader of its record. */
  boolean hasLeader() {
    return switch (standing) {
      case Standing.Leading(_, var lease, _, _, _, _, _) -> lease.isLive(now);
      case Standing.Idle _,
          Standing.Canvassing _,
          Standing.Waiting _,
          Standing.Preparing _,
          Standing.Accepting _ ->
          voter.leader().filter(it -> !it.equals(self())).isPresent()
              && !hearing.lostAt(now, timing().suspicion());
    };
  }

  /** Back to following; what was asked for under the old standing has an unknown outcome. */
  void idle(Duration tryAfter, String reason) {
    switch (standing) {
      case Standing.Leading(_, _, _, _, _, var proposal, var queue) -> {
        proposal
            .flatMap(Standing.Proposal::request)
            .ifPresent(it -> decided(it.id(), new Effect.Verdict.Unknown(reason)));
        queue.forEach(it -> decided(it.id(), new Effect.Verdict.Refused(reason)));
      }
      case Standing.Preparing(_, Standing.Purpose.Care(var request), _, _, _, _, _) ->
          decided(request.id(), new Effect.Verdict.Refused(reason));
      case Standing.Accepting(_, Standing.Purpose.Care(var request), _) ->
          decided(request.id(), new Effect.Verdict.Unknown(reason));
      case Standing.Preparing _,
          Standing.Accepting _,
          Standing.Idle _,
          Standing.Canvassing _,
          Standing.Waiting _ -> {}
    }
    standing = new Standing.Idle(tryAfter);
  }

  Candidacy candidacy() {
    return new Candidacy(
        self(),
        CandidateRules.canStand(this),
        local.hasData(),
        local.primaryOn().isPresent(),
        local.position(),
        local.priority(),
        local.replication().receives());
  }

  Step end() {
    for (var message = toSelf.pollFirst(); message != null; message = toSelf.pollFirst()) {
      machine.deliver(this, message);
    }
    var after =
        new ElectionState(
            voter,
            grant,
            silentUntil(),
            local,
            hearing,
            fencing,
            unfencedTerm,
            highestTerm,
            rounds,
            standing);
    var save = voter.equals(before.voter()) ? Optional.<VoterState>empty() : Optional.of(voter);
    return new Step(after, save, effects);
  }
}
