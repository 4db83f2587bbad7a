package dev.matriarch.protocol.report;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Takes the times of an election from outside: it is shown each step of the machine, and the
 * machine knows nothing of it.
 *
 * @param lastSign of a leader: heard, released, or an own leadership
 * @param attempt from the suspicion until somebody leads; failed rounds are parts of it
 * @param won the fail-over that the last step decided for this node
 */
public record ElectionClock(Duration lastSign, Optional<Attempt> attempt, Optional<Failover> won) {

  /**
   * The way of this node to leadership so far.
   *
   * @param since the last sign of the old leader
   * @param canvass the last one
   * @param stoodAt when the chain of ballots began that the node stands with now
   */
  public record Attempt(
      Duration since,
      boolean released,
      Duration suspectedAt,
      Optional<Duration> canvassingSince,
      Optional<Duration> canvass,
      Duration stoodAt,
      int ballots,
      Duration fencedAt) {}

  /** An agent that has just started. */
  public static ElectionClock started(Duration now) {
    return new ElectionClock(now, Optional.empty(), Optional.empty());
  }

  /**
   * The machine has made a step.
   *
   * @param view leadership after it
   */
  public ElectionClock seen(
      ElectionState before, ElectionState after, LeaseView view, Duration now) {
    var heard = after.hearing().lastAt().compareTo(before.hearing().lastAt()) > 0;
    var ledBefore = before.standing() instanceof Standing.Leading;
    var leads = after.standing() instanceof Standing.Leading;
    var released = after.hearing().released() && !before.hearing().released();
    var sign = heard || (ledBefore && !leads) || released ? now : lastSign;
    if (ledBefore && leads) {
      return new ElectionClock(sign, Optional.empty(), Optional.empty());
    }
    var soFar = attempt.filter(_ -> !heard && !ledBefore);
    if (soFar.isEmpty() && !isSuspecting(view) && ballot(after.standing()).isEmpty()) {
      return new ElectionClock(sign, Optional.empty(), Optional.empty());
    }
    var begun =
        soFar.orElseGet(() ->
            new Attempt(
                sign,
                after.hearing().released(),
                now,
                Optional.empty(),
                Optional.empty(),
                now,
                0,
                now));
    var next = stood(canvassed(begun, before, after, now), before, after, now);
    return leads
        ? new ElectionClock(sign, Optional.empty(), report(next, after, now))
        : new ElectionClock(sign, Optional.of(next), Optional.empty());
  }

  private static boolean isSuspecting(LeaseView view) {
    return switch (view) {
      case LeaseView.Vacant(var known) -> known.isPresent();
      case LeaseView.Mine _, LeaseView.Theirs _, LeaseView.Loading _, LeaseView.Mute _ -> false;
    };
  }

  /** Each step is in time for the beginning and the end of a canvass, and may be both. */
  private static Attempt canvassed(
      Attempt it, ElectionState before, ElectionState after, Duration now) {
    var since = after.rounds() > before.rounds() ? Optional.of(now) : it.canvassingSince();
    var ended =
        since.isPresent()
            && (after.standing() instanceof Standing.Waiting
                || ballot(after.standing()).isPresent());
    return new Attempt(
        it.since(),
        it.released(),
        it.suspectedAt(),
        ended ? Optional.empty() : since,
        ended ? since.map(now::minus) : it.canvass(),
        it.stoodAt(),
        it.ballots(),
        it.fencedAt());
  }

  private static Attempt stood(
      Attempt it, ElectionState before, ElectionState after, Duration now) {
    var old = ballot(before.standing());
    var own = ballot(after.standing());
    var begins = own.isPresent() && (old.isEmpty() || it.ballots() == 0);
    var another = own.isPresent() && (begins || !own.equals(old));
    var fenced = has(after.standing()) && !has(before.standing());
    return new Attempt(
        it.since(),
        it.released(),
        it.suspectedAt(),
        it.canvassingSince(),
        it.canvass(),
        begins ? now : it.stoodAt(),
        another ? it.ballots() + 1 : it.ballots(),
        fenced ? now : it.fencedAt());
  }

  /** Whether a majority has promised. */
  private static boolean has(Standing standing) {
    return ballot(standing).isPresent() && !(standing instanceof Standing.Preparing);
  }

  /** Of a candidacy for leadership, or of a leadership. */
  private static Optional<Ballot> ballot(Standing standing) {
    return switch (standing) {
      case Standing.Preparing(var ballot, Standing.Purpose.Lead _, _, _, _, _, _) ->
          Optional.of(ballot);
      case Standing.Accepting(var proposal, Standing.Purpose.Lead _, _) ->
          Optional.of(proposal.value().version().ballot());
      case Standing.Leading leading -> Optional.of(leading.lease().ballot());
      case Standing.Preparing _,
          Standing.Accepting _,
          Standing.Idle _,
          Standing.Canvassing _,
          Standing.Waiting _ ->
          Optional.empty();
    };
  }

  /** A leader that stood again goes on, and a new cluster ends no timeline: neither is told. */
  private static Optional<Failover> report(Attempt it, ElectionState after, Duration now) {
    return after
        .voter()
        .record()
        .filter(record -> record.history().size() > 1)
        .filter(record -> record.history().getLast().term() == record.term())
        .map(record -> failover(it, record, now));
  }

  private static Failover failover(Attempt it, ClusterRecord record, Duration now) {
    var entry = record.history().getLast();
    Optional<NodeId> from = Optional.of(record.history().get(record.history().size() - 2).leader());
    var phases = new TreeMap<Phase, Duration>();
    phases.put(Phase.SUSPECTED, it.suspectedAt().minus(it.since()));
    it.canvass().ifPresent(canvass -> phases.put(Phase.CANVASSED, canvass));
    var waited = it.stoodAt().minus(it.suspectedAt()).minus(it.canvass().orElse(Duration.ZERO));
    if (waited.isPositive()) {
      phases.put(Phase.WAITED, waited);
    }
    phases.put(Phase.FENCED, it.fencedAt().minus(it.stoodAt()));
    phases.put(Phase.CHOSEN, now.minus(it.fencedAt()));
    return new Failover(
        record.term(),
        record.timeline(),
        from,
        entry.leader(),
        it.released(),
        entry.reason(),
        it.ballots(),
        phases,
        now,
        Failover.State.PROMOTING);
  }
}
