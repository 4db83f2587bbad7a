package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;

/**
 * What a voter promises, stores and grants.
 *
 * <p><b>One lease at a time.</b> A voter grants a lease from its receipt of a beat, and until that
 * grant has ended promises nothing to anybody else. The holder counts the lease from when it sent
 * the beat, shortened by the drift of clocks. So when a majority has promised to a new candidate,
 * the lease of the old leader has ended.
 */
final class VoterRules {
  private static final Duration PRIMARY_STOPS_SOON = Duration.ofMillis(100);

  private VoterRules() {}

  static void onPrepare(Turn turn, ElectionMessage.Prepare prepare) {
    var ballot = prepare.ballot();
    var blocked = turn.blockedFor(ballot.candidate());
    var mine = ballot.candidate().equals(turn.self());
    if (ballot.equals(turn.voter.promised())) {
      answerPromise(turn, ballot);
    } else if (ballot.term() <= Math.max(turn.voter.promised().term(), turn.unfencedTerm)) {
      refuse(turn, ballot, Duration.ZERO);
    } else if (blocked.isPositive()) {
      refuse(turn, ballot, blocked);
    } else if (turn.isSynchronous() || prepare.fence()) {
      promiseOnceFenced(turn, prepare);
    } else if (!mine && turn.local.primaryOn().isPresent()) {
      refuse(turn, ballot, PRIMARY_STOPS_SOON); // without a lease it is being stopped
    } else {
      promise(turn, ballot);
    }
  }

  /** The lease may still run: it is this voter's own loss of the leader that counts. */
  private static void promiseOnceFenced(Turn turn, ElectionMessage.Prepare prepare) {
    var ballot = prepare.ballot();
    var leads = ballot.candidate().equals(turn.self()) || isStoredLeader(turn, ballot.candidate());
    if (!leads && turn.hasLeader()) {
      refuse(turn, ballot, turn.timing().suspicion());
    } else if (turn.local.hasNothing()) {
      promiseFenced(turn, ballot); // nor may it begin to get data from a leader of old
    } else if (!FenceRules.mustFence(turn, prepare)) {
      promise(turn, ballot);
    } else if (FenceRules.isFencedFor(turn, ballot)) {
      promiseFenced(turn, ballot);
    } else if (turn.fencing.filter(it -> it.ballot().isAbove(ballot)).isEmpty()) {
      turn.fencing = Optional.of(new ElectionState.Fencing(ballot));
      if (!ballot.candidate().equals(turn.self())) {
        waitForFence(turn, ballot);
      }
    }
  }

  /** A node that is about to promise does not begin to stand itself, and spoil that candidacy. */
  private static void waitForFence(Turn turn, Ballot ballot) {
    switch (turn.standing) {
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ ->
          rest(
              turn, HandOverRules.patience(turn, ballot, turn.timing().rankStep().multipliedBy(3)));
      case Standing.Preparing _, Standing.Accepting _, Standing.Leading _ -> {}
    }
  }

  /** For so long at the least, and some chance. */
  private static void rest(Turn turn, Duration atLeast) {
    var until = turn.now.plus(atLeast).plus(turn.jitter);
    var later =
        turn.standing instanceof Standing.Idle(var tryAfter) && tryAfter.compareTo(until) > 0;
    turn.standing = later ? turn.standing : new Standing.Idle(until);
  }

  private static boolean isStoredLeader(Turn turn, NodeId candidate) {
    return turn.voter.leader().equals(Optional.of(candidate));
  }

  /** PostgreSQL is fenced for this ballot: save, then answer. */
  static void promiseFenced(Turn turn, Ballot ballot) {
    turn.fencing = Optional.empty();
    if (ballot.term() <= turn.voter.promised().term()) {
      refuse(turn, ballot, Duration.ZERO);
      return;
    }
    turn.voter = turn.voter.fenced(true);
    promise(turn, ballot);
  }

  private static void promise(Turn turn, Ballot ballot) {
    turn.voter = turn.voter.promising(ballot).reporting(turn.position());
    if (!ballot.candidate().equals(turn.self())) {
      stepAside(turn, HandOverRules.patience(turn, ballot, turn.timing().rankStep()));
    }
    answerPromise(turn, ballot);
  }

  static void onAccept(Turn turn, VersionedRecord value) {
    var ballot = value.version().ballot();
    var candidate = ballot.candidate();
    if (turn.voter.promised().isAbove(ballot)) {
      refuse(turn, ballot, Duration.ZERO);
      return;
    }
    var begins = ballot.isAbove(turn.voter.version().ballot());
    var order = value.version().compareTo(turn.voter.version());
    if (order < 0) {
      return; // an older state from the same leader, overtaken on the way
    }
    if (order > 0) {
      turn.voter = turn.voter.accepting(value);
      turn.fencing = turn.fencing.filter(it -> it.ballot().isAbove(ballot));
    }
    if (!candidate.equals(turn.self())) {
      stepAside(turn);
      turn.hearing = begins ? turn.hearing.begun(turn.now) : heard(turn, Optional.empty());
    }
    if (value.record().leader().equals(Optional.of(candidate))) {
      grant(turn, candidate, value.record().ttlMs());
    }
    turn.send(
        candidate, new ElectionMessage.Accepted(turn.self(), turn.voter.store(), value.version()));
  }

  static void onBeat(Turn turn, ElectionMessage.Beat beat) {
    var ballot = beat.version().ballot();
    if (turn.voter.promised().isAbove(ballot)) {
      refuse(turn, ballot, Duration.ZERO);
      return;
    }
    var knows =
        ballot.equals(turn.voter.version().ballot())
            && turn.voter.record().filter(it -> beat.ttlMs() <= it.ttlMs()).isPresent();
    if (knows) {
      grant(turn, beat.from(), beat.ttlMs());
      if (!beat.from().equals(turn.self())) {
        // Who rests gives others the time to win, and one has: its loss would be another matter.
        turn.idle(turn.now, "another node leads");
        turn.hearing = heard(turn, beat.position());
        if (isPrimaryAsRecorded(turn, beat)) {
          FenceRules.released(turn);
        }
      }
    }
    turn.send(
        beat.from(),
        new ElectionMessage.Granted(
            turn.self(),
            turn.voter.store(),
            ballot,
            knows ? beat.number() : ElectionMessage.Granted.NOTHING,
            turn.voter.version()));
  }

  private static Hearing heard(Turn turn, Optional<Position> position) {
    return turn.hearing.heard(turn.now, position, turn.timing().suspicion());
  }

  private static boolean isPrimaryAsRecorded(Turn turn, ElectionMessage.Beat beat) {
    var timeline = turn.voter.record().map(ClusterRecord::timeline);
    return beat.primary()
        && beat.position().filter(it -> timeline.equals(Optional.of(it.timeline()))).isPresent();
  }

  static void onRelease(Turn turn, ElectionMessage.Release release) {
    if (!release.ballot().equals(turn.voter.version().ballot())
        || !turn.grant.holder().equals(Optional.of(release.from()))) {
      return;
    }
    turn.grant = new Grant(turn.grant.holder(), turn.now);
    var word =
        release
            .successor()
            .map(it -> new HandOver(release.from(), it, release.upTo(), turn.now, false))
            .filter(it ->
                release.because().isEmpty() // else nobody waits for a leader that is not well
                    || it.successor().equals(turn.self()));
    turn.hearing = turn.hearing.releasedBy(word).goneFor(release.because());
    if (release.successor().equals(Optional.of(turn.self()))
        && turn.standing instanceof Standing.Idle) {
      // Whoever does not know yet would refuse, for it still hears the leader.
      turn.everybody().stream()
          .filter(it -> !it.equals(turn.self()) && !it.equals(release.from()))
          .forEach(it -> turn.send(it, release));
      turn.standing = new Standing.Idle(turn.now);
      CandidateRules.tick(turn); // clients wait: not at the next tick
    }
  }

  static void onCanvass(Turn turn, ElectionMessage.Canvass canvass) {
    turn.send(
        canvass.from(),
        new ElectionMessage.Opinion(
            turn.self(), canvass.round(), !turn.hasLeader(), turn.highestTerm, turn.candidacy()));
  }

  private static void grant(Turn turn, NodeId holder, long ttlMs) {
    turn.grant = turn.grant.extended(holder, turn.now.plusMillis(ttlMs));
  }

  private static void stepAside(Turn turn) {
    stepAside(turn, turn.timing().rankStep());
  }

  /** Somebody else stands or leads: an own candidacy of a lower ballot is over. */
  private static void stepAside(Turn turn, Duration atLeast) {
    switch (turn.standing) {
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ -> rest(turn, atLeast);
      case Standing.Preparing _, Standing.Accepting _, Standing.Leading _ -> {
        var until = turn.now.plus(turn.timing().roundTimeout()).plus(turn.jitter);
        turn.idle(until, "another node stood for election");
      }
    }
  }

  static void answerPromise(Turn turn, Ballot ballot) {
    turn.send(
        ballot.candidate(),
        new ElectionMessage.Promise(
            turn.self(),
            turn.voter.store(),
            ballot,
            turn.voter.incarnation(),
            turn.voter.accepted(),
            turn.position(),
            CandidateRules.canStand(turn),
            FenceRules.isCovered(turn, ballot),
            Incarnations.isForgetful(turn)));
  }

  private static void refuse(Turn turn, Ballot ballot, Duration retryAfter) {
    var ms = retryAfter.plusNanos(999_999).toMillis();
    turn.send(
        ballot.candidate(), new ElectionMessage.Refused(turn.self(), ballot, turn.highestTerm, ms));
  }
}
