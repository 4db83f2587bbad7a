package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.ballot;
import static dev.matriarch.protocol.election.Bench.held;
import static dev.matriarch.protocol.election.Bench.opinion;
import static dev.matriarch.protocol.election.Bench.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a node lets another stand first, and for how long. */
class LettingGoFirstTest {
  private final Bench node = Bench.following(B);

  @Test
  void whoLacksALittleThatAnAbleVoterHoldsLetsItGoFirstOnce() {
    node.stands().hears(promise(101, true));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    node.stands().hears(promise(101, true));
    assertThat(node.state.standing()).as("it did not win").isInstanceOf(Standing.Accepting.class);
  }

  @Test
  void whoIsLetGoFirstIsAskedToStand() {
    node.stands();
    var ballot = node.ballot();
    node.hears(promise(101, true));
    assertThat(node.sent(C, ElectionMessage.Yield.class))
        .containsExactly(new ElectionMessage.Yield(ballot));
    assertThat(node.sent(B, ElectionMessage.Yield.class)).isEmpty();
  }

  @Test
  void whoIsAskedToStandDoesSoAtOnce() {
    node.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(node.state.standing()).as("it rests").isInstanceOf(Standing.Idle.class);
    node.hears(new ElectionMessage.Yield(ballot(6, C)));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    assertThat(node.ballot().term()).isEqualTo(7);
  }

  @Test
  void nobodyStandsForAnotherCandidateThanThePromisedOrBesideALeader() {
    node.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    node.hears(new ElectionMessage.Yield(ballot(5, C)));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    node.hears(new ElectionMessage.Accept(Bench.value(ballot(6, C), 1, Bench.record(6, C, 4))));
    node.hears(new ElectionMessage.Yield(ballot(6, C)));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void aBetterOneIsLetGoFirstAgainOnceALeaderWasHeard() {
    node.stands().hears(promise(101, true));
    var again = Bench.value(ballot(9, B), 1, Bench.record(9, B, 3));
    node.hears(new ElectionMessage.Accept(again));
    node.stands().hears(promise(101, true));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void nobodyIsLetGoFirstWhoCannotLeadOrHoldsNoMore() {
    node.stands().hears(promise(101, false));
    assertThat(node.state.standing()).isInstanceOf(Standing.Accepting.class);
    var level = Bench.following(B).stands();
    level.hears(promise(level, 100, true));
    assertThat(level.state.standing()).isInstanceOf(Standing.Accepting.class);
  }

  @Test
  void anOperatorsNodeLetsNobodyGoFirst() {
    node.takes(new Input.Force(node.now, "by hand")).hears(promise(101, true));
    assertThat(node.state.standing()).isInstanceOf(Standing.Accepting.class);
  }

  @Test
  void whoIsFencedForAnotherDoesNotStandMeanwhile() {
    var voter = Bench.synchronous(set(2, A, B, C)).reports(held(100, Optional.empty()));
    voter.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), true));
    var step = ElectionTiming.DEFAULT.rankStep();
    voter.ticksAfter(step.multipliedBy(3).toMillis() - 1);
    assertThat(voter.state.standing()).isInstanceOf(Standing.Idle.class);
    voter.ticksAfter(1);
    assertThat(voter.state.standing()).isInstanceOf(Standing.Canvassing.class);
  }

  @Test
  void whoOnlyAskedAroundRestsNoLongerThanWhoDidNothing() {
    node.ticksAfter(100);
    assertThat(node.state.standing()).isInstanceOf(Standing.Canvassing.class);
    node.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(node.state.standing())
        .isEqualTo(new Standing.Idle(node.now.plus(ElectionTiming.DEFAULT.rankStep())));
  }

  @Test
  void whoHadALeaderAMomentAgoIsAskedAgain() {
    node.ticksAfter(100);
    var round = ((Standing.Canvassing) node.state.standing()).round();
    node.hears(opinion(C, round, false, Bench.nothing(C)));
    node.ticksAfter(ElectionTiming.DEFAULT.resend().toMillis());
    assertThat(node.sent(B, ElectionMessage.Canvass.class)).hasSize(1);
    assertThat(node.sent(C, ElectionMessage.Canvass.class)).hasSize(1);
    node.hears(opinion(C, round, true, Bench.nothing(C)));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
  }

  private ElectionMessage.Promise promise(long lsn, boolean able) {
    return promise(node, lsn, able);
  }

  private static ElectionMessage.Promise promise(Bench to, long lsn, boolean able) {
    return new ElectionMessage.Promise(
        C,
        Bench.store(C),
        to.ballot(),
        new Incarnation(C, 1),
        Optional.empty(),
        Optional.of(at(lsn)),
        able,
        false);
  }

  private static Position at(long lsn) {
    return new Position(3, new Lsn(lsn));
  }
}
