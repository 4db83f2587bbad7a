package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Grant;
import dev.matriarch.protocol.election.Hearing;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.VoterState;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * States without their times: all deadlines run at {@link #NOW}, and have passed at {@link #LATE}.
 *
 * <p>A node's clock is then where the explorer wants it to be at each step, which is more than any
 * real clock can do. Leases, grants and patience decide nothing in synchronous mode; if one of them
 * did, it would show here.
 */
final class Normal {
  static final Duration NOW = Duration.ofDays(1);
  static final Duration LATE = NOW.plusHours(12);

  private static final Duration LONG_AGO = Duration.ZERO;

  /** Before the end of what a voter grants from now on. */
  private static final Duration LIVE = NOW.plusSeconds(9);

  private static final Grant NO_GRANT = new Grant(Optional.empty(), LONG_AGO);
  private static final Hearing HEARD =
      new Hearing(
          NOW, Duration.ZERO, false, Optional.empty(), Optional.empty(), Optional.empty(), false);

  private Normal() {}

  static ElectionState of(ElectionState state) {
    return new ElectionState(
        state.voter(),
        NO_GRANT,
        LONG_AGO,
        state.local(),
        HEARD,
        state.fencing(),
        state.unfencedTerm(),
        state.highestTerm(),
        0,
        of(state.standing()));
  }

  static ElectionState with(ElectionState state, VoterState voter, Standing standing) {
    return new ElectionState(
        voter,
        state.grant(),
        state.silentUntil(),
        state.local(),
        state.hearing(),
        state.fencing(),
        state.unfencedTerm(),
        state.highestTerm(),
        state.rounds(),
        standing);
  }

  private static Standing of(Standing standing) {
    return switch (standing) {
      case Standing.Idle _, Standing.Canvassing _, Standing.Waiting _ ->
          new Standing.Idle(LONG_AGO);
      case Standing.Preparing it ->
          new Standing.Preparing(
              it.ballot(),
              of(it.purpose()),
              NOW,
              it.promises(),
              Map.of(),
              it.fence(),
              Optional.empty());
      case Standing.Accepting it ->
          new Standing.Accepting(of(it.proposal()), of(it.purpose()), Optional.empty());
      case Standing.Leading it ->
          new Standing.Leading(
              it.chosen(),
              new Standing.Lease(it.lease().ballot(), LIVE),
              new TreeMap<>(),
              1,
              NOW,
              it.proposal().map(Normal::of),
              it.queue());
    };
  }

  private static Standing.Purpose of(Standing.Purpose purpose) {
    return switch (purpose) {
      case Standing.Purpose.Lead(_, var acceptsLoss) ->
          new Standing.Purpose.Lead("the leader is lost", acceptsLoss);
      case Standing.Purpose.Care care -> care;
    };
  }

  private static Standing.Proposal of(Standing.Proposal it) {
    return new Standing.Proposal(it.request(), it.value(), it.storedBy(), NOW, NOW.plusSeconds(1));
  }
}
