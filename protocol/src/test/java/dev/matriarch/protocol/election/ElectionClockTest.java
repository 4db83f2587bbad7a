package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.ballot;
import static dev.matriarch.protocol.election.Bench.beat;
import static dev.matriarch.protocol.election.Bench.nothing;
import static dev.matriarch.protocol.election.Bench.opinion;
import static dev.matriarch.protocol.election.Bench.promise;
import static dev.matriarch.protocol.election.Bench.store;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.Phase;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is measured of an election, from outside the machine. */
class ElectionClockTest {

  /** After the minute without a beat before this one it is four times as patient as usual. */
  private static final Duration SUSPICION = Duration.ofMillis(500);

  /** Heard just now. */
  private static Bench followingB() {
    return Bench.following(B).hears(beat(ballot(5, B), 1));
  }

  private static Bench later(Bench bench, long ms) {
    bench.now = bench.now.plusMillis(ms);
    return bench;
  }

  /** The promise comes after 20 ms, the confirmation 10 ms after that. */
  private static Failover wins(Bench bench) {
    later(bench, 20).hears(promise(B, bench.ballot(), Optional.empty()));
    later(bench, 10)
        .hears(new ElectionMessage.Accepted(B, store(B), new Version(bench.ballot(), 1)));
    return bench.won.orElseThrow();
  }

  @Test
  void theEndOfTheLeaseIsWaitedForAndNotSuspicion() {
    var bench = followingB();
    var silentSince = bench.now;
    bench.stands();
    var stood = bench.now;
    var won = wins(bench);
    assertThat(won.phases().get(Phase.SUSPECTED)).isEqualTo(SUSPICION);
    assertThat(won.phases().get(Phase.CANVASSED)).isLessThan(Duration.ofMillis(200));
    assertThat(won.phases().get(Phase.WAITED)).isGreaterThan(Duration.ofSeconds(7));
    assertThat(won.phases().get(Phase.FENCED)).isEqualTo(Duration.ofMillis(20));
    assertThat(won.phases().get(Phase.CHOSEN)).isEqualTo(Duration.ofMillis(10));
    assertThat(total(won))
        .isEqualTo(stood.minus(silentSince).plusMillis(30))
        .isEqualTo(won.reachedAt().minus(silentSince));
    assertThat(won.kind()).isEqualTo("fail-over");
    assertThat(won.from()).contains(B);
    assertThat(won.to()).isEqualTo(A);
    assertThat(won.term()).isEqualTo(6);
    assertThat(won.timeline()).isEqualTo(4);
    assertThat(won.ballots()).isEqualTo(1);
    assertThat(won.cause()).isEqualTo("the leader is lost");
  }

  @Test
  void aCanvassLastsUntilTheLastOpinionThatIsWaitedFor() {
    var bench = followingB();
    while (!(bench.state.standing() instanceof Standing.Canvassing)) {
      bench.ticksAfter(50);
    }
    var round = ((Standing.Canvassing) bench.state.standing()).round();
    later(bench, 30).hears(opinion(B, round, true, nothing(B)));
    later(bench, 40).hears(opinion(C, round, true, nothing(C)));
    assertThat(bench.state.standing()).isInstanceOf(Standing.Waiting.class);
    bench.stands();
    assertThat(wins(bench).phases().get(Phase.CANVASSED)).isEqualTo(Duration.ofMillis(70));
  }

  @Test
  void aSuccessorNeedsNoCanvassAndTakesAHandOver() {
    var bench = followingB();
    later(bench, 70)
        .hears(
            new ElectionMessage.Release(
                ballot(5, B), Optional.of(A), Optional.empty(), Optional.empty()));
    assertThat(bench.state.standing()).isInstanceOf(Standing.Preparing.class);
    var won = wins(bench);
    assertThat(won.kind()).isEqualTo("hand-over");
    assertThat(won.phases())
        .containsOnlyKeys(Phase.SUSPECTED, Phase.FENCED, Phase.CHOSEN)
        .containsEntry(Phase.SUSPECTED, Duration.ZERO);
  }

  @Test
  void aLeaderThatIsHeardAgainEndsTheAttempt() {
    var bench = followingB().ticksAfter(2_100);
    assertThat(bench.clock.attempt()).isPresent();
    later(bench, 100).hears(beat(ballot(5, B), 2));
    assertThat(bench.clock.attempt()).isEmpty();
    var heardAgain = bench.now;
    bench.stands();
    var won = wins(bench);
    assertThat(total(won)).isEqualTo(won.reachedAt().minus(heardAgain));
  }

  @Test
  void aRoundThatFailedIsAPartOfTheWay() {
    var bench = followingB();
    var silentSince = bench.now;
    bench.stands();
    var first = bench.ballot();
    later(bench, 5).hears(new ElectionMessage.Refused(B, first, 9, 0));
    assertThat(bench.state.standing()).isInstanceOf(Standing.Idle.class);
    bench.stands();
    assertThat(bench.ballot()).isNotEqualTo(first);
    var won = wins(bench);
    assertThat(won.ballots()).isEqualTo(2);
    assertThat(won.phases().get(Phase.FENCED)).isEqualTo(Duration.ofMillis(20));
    assertThat(total(won)).isEqualTo(won.reachedAt().minus(silentSince));
  }

  @Test
  void anotherWinnerIsNotReportedHere() {
    var bench = followingB();
    bench.stands();
    var record = Bench.record(8, C, 4);
    later(bench, 5).hears(new ElectionMessage.Accept(Bench.value(ballot(8, C), 1, record)));
    assertThat(bench.won).isEmpty();
    assertThat(bench.clock.attempt()).isEmpty();
  }

  @Test
  void aLeaderThatStandsAgainAndGoesOnIsNoFailover() {
    var bench = Bench.leading();
    bench.won = Optional.empty();
    var first = bench.ballot();
    bench.hears(new ElectionMessage.Refused(C, first, 9, 0));
    for (var i = 0; i < 100 && !(bench.state.standing() instanceof Standing.Preparing); i++) {
      bench.ticksAfter(50);
    }
    assertThat(bench.ballot().isAbove(first)).isTrue();
    bench.hears(promise(B, bench.ballot(), bench.state.voter().accepted()));
    bench.hears(new ElectionMessage.Accepted(B, store(B), new Version(bench.ballot(), 1)));
    assertThat(bench.state.standing()).isInstanceOf(Standing.Leading.class);
    assertThat(bench.won).isEmpty();
  }

  @Test
  void synchronousModeDoesNotWaitForTheLease() {
    var bench = Bench.synchronous(Bench.set(2, A, B, C));
    bench.hears(beat(ballot(5, B), 1));
    bench.stands();
    later(bench, 15).reports(Bench.held(100, bench.orders().fenceFor()));
    var withPosition =
        new ElectionMessage.Promise(
            B,
            store(B),
            bench.ballot(),
            new Incarnation(B, 1),
            Optional.empty(),
            Bench.standby(100).position(),
            true,
            true);
    later(bench, 5).hears(withPosition);
    later(bench, 10)
        .hears(new ElectionMessage.Accepted(B, store(B), new Version(bench.ballot(), 1)));
    var won = bench.won.orElseThrow();
    assertThat(won.phases())
        .doesNotContainKey(Phase.WAITED)
        .containsEntry(Phase.SUSPECTED, SUSPICION)
        .containsEntry(Phase.FENCED, Duration.ofMillis(20))
        .containsEntry(Phase.CHOSEN, Duration.ofMillis(10));
  }

  @Test
  void theLineTellsThePhasesThatThereAreAndTheCause() {
    var won = Bench.leading().won.orElseThrow();
    assertThat(won.line()).contains("not promoted yet");
    var promoted =
        won.reached(Phase.PROMOTED, Failover.State.ATTACHING, won.reachedAt().plusMillis(85));
    var complete =
        promoted.reached(
            Phase.ATTACHED, Failover.State.COMPLETE, promoted.reachedAt().plusMillis(210));
    assertThat(complete.line())
        .startsWith("fail-over to a in term 6: suspected ")
        .endsWith(", promoted 85 ms, first replica 210 ms; cause: the leader is lost; was a");
    assertThat(promoted.ended(Failover.State.WITHOUT_REPLICA).line())
        .contains("promoted 85 ms, no replica came; cause: ");
  }

  private static Duration total(Failover it) {
    return it.phases().values().stream().reduce(Duration.ZERO, Duration::plus);
  }
}
