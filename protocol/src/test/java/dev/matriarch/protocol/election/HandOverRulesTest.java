package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.ballot;
import static dev.matriarch.protocol.election.Bench.held;
import static dev.matriarch.protocol.election.Bench.nothing;
import static dev.matriarch.protocol.election.Bench.opinion;
import static dev.matriarch.protocol.election.Bench.promise;
import static dev.matriarch.protocol.election.Bench.set;
import static dev.matriarch.protocol.election.Bench.standby;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who stands when after a leader has handed over. */
class HandOverRulesTest {
  private static final ElectionTiming TIMING = ElectionTiming.DEFAULT;
  private static final long OLD_LEADERS_TURN_MS = TIMING.rankStep().multipliedBy(4).toMillis();
  private static final long OTHERS_TURN_MS = TIMING.roundTimeout().multipliedBy(2).toMillis();

  // --- the successor ----------------------------------------------------------------------------

  @Test
  void aSuccessorThatHasAllStandsAtOnce() {
    var node = Bench.following(B).hears(beatAt(100)).hears(release(A, 100));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    assertThat(node.sent(C, ElectionMessage.Release.class))
        .as("c may not have heard of it, and would refuse")
        .containsExactly(release(A, 100));
  }

  @Test
  void aSuccessorThatLacksWalStandsOnceItHasLookedAgain() {
    var node = Bench.following(B).hears(beatAt(90)).hears(release(A, 101));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    node.reports(standby(100));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    node.reports(standby(101));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
  }

  @Test
  void aSuccessorThatReallyLacksWalKeepsBackLikeTheOthers() {
    var node = Bench.following(B).hears(beatAt(100)).hears(release(A, 101));
    node.ticksAfter(TIMING.rankStep().toMillis());
    node.reports(standby(102));
    assertThat(node.state.standing()).as("too late").isInstanceOf(Standing.Idle.class);
    node.ticksAfter(OTHERS_TURN_MS - TIMING.rankStep().toMillis() - 1);
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    node.ticksAfter(1);
    assertThat(node.state.standing()).isInstanceOf(Standing.Canvassing.class);
  }

  @Test
  void whatTheLeaderWasLastHeardToHoldCountsWhereTheReleaseDoesNotSay() {
    var word =
        new ElectionMessage.Release(
            ballot(5, B), Optional.of(A), Optional.empty(), Optional.empty());
    var lacks = Bench.following(B).hears(beatAt(101)).hears(word);
    assertThat(lacks.state.standing()).isInstanceOf(Standing.Idle.class);
    var has = Bench.following(B).hears(beatAt(100)).hears(word);
    assertThat(has.state.standing()).isInstanceOf(Standing.Preparing.class);
  }

  @Test
  void inSynchronousModeTheSuccessorStandsWhateverItIsKnownToHold() {
    var node = Bench.synchronous(set(2, A, B, C)).hears(beatAt(500)).hears(release(A, 500));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    assertThat(node.sent(C, ElectionMessage.Prepare.class)).hasSize(1);
  }

  @Test
  void aSuccessorWhoseFenceTakesLongGoesOnForTwoRounds() {
    var node = Bench.synchronous(set(2, A, B, C)).hears(beatAt(500)).hears(release(A, 500));
    node.ticksAfter(TIMING.roundTimeout().multipliedBy(2).toMillis() - 1);
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    node.ticksAfter(1);
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void inSynchronousModeItWinsOnlyWithAllThatTheFencedOnesHold() {
    var node = Bench.synchronous(set(2, A, B, C)).hears(beatAt(500)).hears(release(A, 500));
    var mine = node.ballot();
    node.reports(held(100, Optional.of(mine))).hears(fenced(mine, B, 500));
    assertThat(node.state.standing())
        .as("b holds more, and goes first")
        .isInstanceOf(Standing.Idle.class);
    var other = Bench.synchronous(set(2, A, B, C)).hears(beatAt(500)).hears(release(A, 500));
    other.reports(held(500, Optional.of(other.ballot()))).hears(fenced(other.ballot(), B, 500));
    assertThat(other.state.standing()).isInstanceOf(Standing.Accepting.class);
  }

  // --- the others -------------------------------------------------------------------------------

  @Test
  void theOthersGiveTheSuccessorAndTheOldLeaderTheirTime() {
    var node = Bench.following(B).hears(beatAt(100)).hears(release(C, 100));
    node.ticksAfter(OTHERS_TURN_MS - 1);
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    node.ticksAfter(1);
    assertThat(node.state.standing()).isInstanceOf(Standing.Canvassing.class);
  }

  @Test
  void whoeverGaveTheSuccessorItsTimeStandsAtOnceIfThatIsLostAgain() {
    var node = Bench.synchronous(set(2, A, B, C)).hears(beatAt(100)).hears(release(C, 100));
    var ballot = ballot(6, C);
    node.hears(new ElectionMessage.Prepare(ballot, Optional.empty(), true));
    node.reports(held(100, Optional.of(ballot)));
    var chosen = node.state.voter().record().orElseThrow();
    var record = Bench.record(6, C, 4).withSync(chosen.sync());
    node.hears(new ElectionMessage.Accept(Bench.value(ballot, 1, record)));
    node.hears(
        new ElectionMessage.Beat(
            C, new Version(ballot, 1), 1, Bench.TTL_MS, Optional.empty(), false));
    node.ticksAfter(TIMING.suspicion().toMillis());
    assertThat(node.state.standing()).isInstanceOf(Standing.Canvassing.class);
  }

  @Test
  void withoutASuccessorNobodyKeepsBack() {
    var word =
        new ElectionMessage.Release(
            ballot(5, B), Optional.empty(), Optional.empty(), Optional.empty());
    var node =
        Bench.following(B).hears(beatAt(100)).hears(word).ticksAfter(TIMING.rankStep().toMillis());
    assertThat(node.state.standing()).isInstanceOf(Standing.Canvassing.class);
  }

  @Test
  void nobodyWaitsForALeaderThatIsNotWell() {
    var word =
        new ElectionMessage.Release(
            ballot(5, B), Optional.of(C), at(3, 100), Optional.of("the disk hangs"));
    var node =
        Bench.following(B).hears(beatAt(100)).hears(word).ticksAfter(TIMING.rankStep().toMillis());
    assertThat(node.state.standing()).isInstanceOf(Standing.Canvassing.class);
    var old = Bench.leading();
    old.reports(Bench.local(Optional.empty(), Optional.empty()));
    old.takes(
        new Input.GiveUp(
            old.now, Optional.of(C), at(4, 200), Optional.of("the disk hangs"), Duration.ZERO));
    old.reports(Bench.local(Optional.empty(), at(4, 200))).ticksAfter(OTHERS_TURN_MS);
    assertThat(old.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void theyTellWhoeverAsksThatTheLeaderIsLost() {
    var node = Bench.following(B).hears(beatAt(100)).hears(release(C, 100));
    node.hears(new ElectionMessage.Canvass(B, 7, 5));
    assertThat(node.sent(B, ElectionMessage.Opinion.class))
        .singleElement()
        .satisfies(it -> assertThat(it.lost()).isTrue());
  }

  @Test
  void aLeaderThatIsHeardEndsTheOrder() {
    var node = Bench.following(B).hears(beatAt(100)).hears(release(C, 100));
    node.hears(new ElectionMessage.Accept(Bench.value(ballot(6, C), 1, Bench.record(6, C, 4))));
    assertThat(node.state.hearing().handOver()).isEmpty();
  }

  @Test
  void whoHasPromisedTheSuccessorGivesItsRoundTime() {
    var old = oldLeader();
    old.ticksAfter(OLD_LEADERS_TURN_MS - 100);
    old.hears(new ElectionMessage.Prepare(ballot(9, C), Optional.empty(), false));
    assertThat(old.state.standing())
        .isEqualTo(new Standing.Idle(old.now.plus(TIMING.roundTimeout().multipliedBy(2))));
    var other = Bench.following(B).hears(beatAt(100)).hears(release(C, 100));
    other.hears(new ElectionMessage.Prepare(ballot(9, C), Optional.empty(), false));
    assertThat(other.state.standing())
        .isEqualTo(new Standing.Idle(other.now.plus(TIMING.roundTimeout().multipliedBy(3))));
  }

  // --- the old leader ---------------------------------------------------------------------------

  @Test
  void theOldLeaderStandsOnceTheSuccessorHasHadItsTime() {
    var node = oldLeader();
    node.ticksAfter(OLD_LEADERS_TURN_MS - 1);
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    node.ticksAfter(1);
    assertThat(node.state.standing()).isInstanceOf(Standing.Canvassing.class);
  }

  @Test
  void theOldLeaderWaitsForNobodyThatHoldsNoMore() {
    var preferred = new Candidacy(B, true, Optional.of(true), false, at(4, 200), 9, false);
    var node = oldLeader().ticksAfter(OLD_LEADERS_TURN_MS);
    answer(node, preferred);
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    var ahead = new Candidacy(B, true, Optional.of(true), false, at(4, 201), 1, false);
    var other = oldLeader().ticksAfter(OLD_LEADERS_TURN_MS);
    answer(other, ahead);
    assertThat(other.state.standing()).isInstanceOf(Standing.Waiting.class);
  }

  @Test
  void theOldLeaderStandsBeforeTheOthers() {
    assertThat(OLD_LEADERS_TURN_MS + TIMING.roundTimeout().toMillis()).isLessThan(OTHERS_TURN_MS);
  }

  /** It led on timeline 4, has handed over to c, and runs as a standby by now. */
  private static Bench oldLeader() {
    var node = Bench.leading();
    node.reports(Bench.local(Optional.empty(), Optional.empty()));
    node.takes(
        new Input.GiveUp(node.now, Optional.of(C), at(4, 200), Optional.empty(), Duration.ZERO));
    return node.reports(Bench.local(Optional.empty(), at(4, 200)));
  }

  private static void answer(Bench node, Candidacy ofB) {
    var round = ((Standing.Canvassing) node.state.standing()).round();
    node.hears(opinion(B, round, true, ofB));
    node.hears(opinion(C, round, true, nothing(C)));
  }

  private static ElectionMessage.Promise fenced(Ballot ballot, NodeId from, long lsn) {
    var it = promise(from, ballot, Optional.empty());
    return new ElectionMessage.Promise(
        it.from(),
        it.store(),
        it.ballot(),
        it.incarnation(),
        it.accepted(),
        at(3, lsn),
        it.able(),
        it.fenced());
  }

  private static ElectionMessage.Beat beatAt(long lsn) {
    return new ElectionMessage.Beat(B, new Version(ballot(5, B), 1), 1, 2_000, at(3, lsn), true);
  }

  private static ElectionMessage.Release release(NodeId successor, long upTo) {
    return new ElectionMessage.Release(
        ballot(5, B), Optional.of(successor), at(3, upTo), Optional.empty());
  }

  private static Optional<Position> at(int timeline, long lsn) {
    return Optional.of(new Position(timeline, new Lsn(lsn)));
  }
}
