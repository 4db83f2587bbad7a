package dev.matriarch.protocol.election;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One node's part in the election: a function from state and input to state and effects.
 *
 * <p>It is Raft without a log: one small record is replaced as a whole under ballots (Lamport's
 * Paxos for a register), and a lease on monotonic clocks says until when the leader of the record
 * may run PostgreSQL as primary. It reads no clock and rolls no dice: time and chance arrive in an
 * {@link Input}. The claims and where each is kept: one lease at a time, {@link VoterRules}; a
 * record once chosen is never lost, {@link WinRules} (adopts the newest record of a majority);
 * changes one at a time, {@link LeaderRules}.
 *
 * @param members all configured members, this one included
 * @param founding what a new cluster begins with
 */
public record ElectionMachine(
    NodeId self, SortedSet<NodeId> members, ElectionTiming timing, Founding founding) {

  /**
   * @throws IllegalArgumentException if {@code members} lacks {@code self}
   */
  public ElectionMachine {
    members = Collections.unmodifiableSortedSet(new TreeSet<>(members));
    if (!members.contains(self)) {
      throw new IllegalArgumentException("%s is no member of %s".formatted(self, members));
    }
  }

  /** The state of an agent that has just started, with what its voter had stored. */
  public ElectionState booted(VoterState stored, Duration now) {
    var holder = stored.leader();
    return new ElectionState(
        stored,
        new Grant(holder, now),
        now.plusMillis(stored.longestTtlMs()),
        Local.NOTHING,
        Hearing.since(now),
        Optional.empty(),
        0,
        stored.promised().term(),
        0,
        new Standing.Idle(now));
  }

  public Step step(ElectionState state, Input input) {
    return switch (input) {
      case Input.Tick(var now, var jitter) -> {
        var turn = new Turn(this, state, now, jitter);
        LeaderRules.tick(turn);
        CandidateRules.tick(turn);
        yield turn.end();
      }
      case Input.Received(var now, var message, var jitter) -> {
        var turn = new Turn(this, state, now, jitter);
        deliver(turn, message);
        yield turn.end();
      }
      case Input.LocalChanged(var now, var local) -> {
        var turn = new Turn(this, state, now, Duration.ZERO);
        FenceRules.onLocal(turn, local);
        LeaderRules.onLocal(turn, state.local());
        HandOverRules.onLocal(turn);
        yield turn.end();
      }
      case Input.Propose(var now, var id, var change) -> {
        var turn = new Turn(this, state, now, Duration.ZERO);
        LeaderRules.onPropose(turn, new Standing.Request(id, change));
        yield turn.end();
      }
      case Input.Force(var now, var reason) -> {
        var turn = new Turn(this, state, now, Duration.ZERO);
        LeaderRules.onForce(turn, reason);
        yield turn.end();
      }
      case Input.GiveUp giveUp -> {
        var turn = new Turn(this, state, giveUp.now(), giveUp.jitter());
        LeaderRules.onGiveUp(turn, giveUp);
        yield turn.end();
      }
      case Input.Resign(var now) -> {
        var turn = new Turn(this, state, now, Duration.ZERO);
        LeaderRules.onResign(turn);
        yield turn.end();
      }
    };
  }

  void deliver(Turn turn, ElectionMessage message) {
    switch (message) {
      case ElectionMessage.Beat beat -> {
        turn.saw(beat.version().ballot().term());
        VoterRules.onBeat(turn, beat);
      }
      case ElectionMessage.Granted granted -> LeaderRules.onGranted(turn, granted);
      case ElectionMessage.Canvass canvass -> {
        turn.saw(canvass.knownTerm());
        VoterRules.onCanvass(turn, canvass);
      }
      case ElectionMessage.Opinion opinion -> {
        turn.saw(opinion.highestTerm());
        CanvassRules.onOpinion(turn, opinion);
      }
      case ElectionMessage.Prepare prepare -> {
        turn.saw(prepare.ballot().term());
        VoterRules.onPrepare(turn, prepare);
      }
      case ElectionMessage.Promise promise -> CandidateRules.onPromise(turn, promise);
      case ElectionMessage.Refused refused -> {
        turn.saw(refused.highestTerm());
        LeaderRules.onRefused(turn, refused);
        CandidateRules.onRefused(turn, refused);
      }
      case ElectionMessage.Accept(var value) -> {
        turn.saw(value.version().ballot().term());
        VoterRules.onAccept(turn, value);
      }
      case ElectionMessage.Accepted accepted -> {
        WinRules.onAccepted(turn, accepted);
        LeaderRules.onAccepted(turn, accepted);
      }
      case ElectionMessage.Release release -> VoterRules.onRelease(turn, release);
      case ElectionMessage.Yield it -> CandidateRules.onYield(turn, it);
    }
  }

  /** All that the node's other parts have to know of {@code state}. */
  public Outlook outlook(ElectionState state, Duration now) {
    var present =
        state.standing() instanceof Standing.Leading leading
            ? LeaderRules.present(new Turn(this, state, now, Duration.ZERO), leading)
            : Set.<Voter>of();
    return new Outlook(
        view(state, now),
        orders(state, now),
        state.local().replication().incarnation(),
        present.stream().map(Voter::node).collect(Collectors.toSet()),
        isQuiet(state, now));
  }

  private boolean isQuiet(ElectionState state, Duration now) {
    if (state.standing() instanceof Standing.Preparing && state.local().primaryOn().isPresent()) {
      return true;
    }
    var silence = now.minus(state.hearing().lastAt());
    return state.voter().leader().filter(it -> !it.equals(self)).isPresent()
        && silence.compareTo(timing.suspicion().dividedBy(2)) >= 0;
  }

  /** What the local PostgreSQL is to be made to do. */
  public Orders orders(ElectionState state, Duration now) {
    var turn = new Turn(this, state, now, Duration.ZERO);
    return new Orders(FenceRules.fenceFor(turn), WinRules.fetch(turn), Incarnations.ordered(turn));
  }

  /**
   * Whether this node's store has no record, while its data directory was known to an earlier one.
   */
  public boolean isForgetful(ElectionState state) {
    return state.local().hasData().orElse(false)
        && Incarnations.isForgetful(new Turn(this, state, Duration.ZERO, Duration.ZERO));
  }

  /** Leadership as this node knows it at {@code now}. */
  public LeaseView view(ElectionState state, Duration now) {
    return switch (state.standing()) {
      case Standing.Leading leading when leading.lease().isLive(now) ->
          new LeaseView.Mine(
              leading.lease().ballot(), leading.lease().until(), leading.chosen().record());
      case Standing.Preparing preparing -> standingAgain(state, preparing.held(), now);
      case Standing.Accepting accepting -> standingAgain(state, accepting.held(), now);
      case Standing.Leading _ -> new LeaseView.Vacant(state.voter().record());
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ -> follower(state, now);
    };
  }

  /**
   * While it stands again a leader keeps what it has, and begins nothing: no promotion, and no
   * synchronous setting of a record that is not chosen.
   */
  private LeaseView standingAgain(ElectionState state, Optional<Standing.Held> held, Duration now) {
    var runsOn = state.local().primaryOn();
    return held.filter(it -> it.lease().isLive(now))
        .filter(it -> runsOn.equals(Optional.of(it.chosen().record().timeline())))
        .<LeaseView>map(
            it -> new LeaseView.Mine(it.lease().ballot(), it.lease().until(), it.chosen().record()))
        .orElseGet(() -> new LeaseView.Vacant(state.voter().record()));
  }

  private LeaseView follower(ElectionState state, Duration now) {
    var record = state.voter().record();
    var leader = state.voter().leader().filter(it -> !it.equals(self));
    return leader.isPresent() && !state.hearing().lostAt(now, timing.suspicion())
        ? new LeaseView.Theirs(leader.get(), record.orElseThrow())
        : new LeaseView.Vacant(record);
  }
}
