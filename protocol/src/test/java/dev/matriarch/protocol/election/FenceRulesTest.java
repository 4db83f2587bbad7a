package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.ballot;
import static dev.matriarch.protocol.election.Bench.held;
import static dev.matriarch.protocol.election.Bench.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Fence, save, answer. */
class FenceRulesTest {
  private final Bench voter = Bench.synchronous(set(2, A, B, C));

  @Test
  void aPromiseWaitsForTheFenceAlthoughTheLeaseMayRun() {
    voter.hears(prepare(ballot(6, C)));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).isEmpty();
    assertThat(voter.last.save()).isEmpty();
    assertThat(voter.orders().fenceFor()).contains(ballot(6, C));

    voter.reports(held(100, Optional.of(ballot(6, C))));
    assertThat(voter.last.save()).hasValueSatisfying(it -> assertThat(it.fenced()).isTrue());
    assertThat(voter.sent(C, ElectionMessage.Promise.class))
        .singleElement()
        .satisfies(it -> assertThat(it.position()).contains(at(3, 100)));
  }

  @Test
  void aFenceForAnotherBallotIsNoFence() {
    voter.hears(prepare(ballot(6, C))).reports(held(100, Optional.of(ballot(6, B))));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).isEmpty();
    voter.hears(prepare(ballot(7, B))).reports(held(100, Optional.of(ballot(6, C))));
    assertThat(voter.orders().fenceFor()).contains(ballot(7, B));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).isEmpty();
  }

  @Test
  void aVoterThatHearsItsLeaderRefusesOthers() {
    voter.hears(primaryBeat(3)).hears(prepare(ballot(6, C)));
    assertThat(voter.sent(C, ElectionMessage.Refused.class))
        .singleElement()
        .satisfies(it -> assertThat(it.retryAfterMs()).isPositive());
    assertThat(voter.orders().fenceFor()).isEmpty();
  }

  @Test
  void whoStreamsFromTheIncumbentThatStandsAgainGoesOn() {
    voter.reports(streaming(new Local.Source(B, 3)));
    voter.hears(new ElectionMessage.Prepare(ballot(6, B), Optional.of(3), false));
    assertThat(voter.sent(B, ElectionMessage.Promise.class)).hasSize(1);
    assertThat(voter.state.voter().fenced()).isFalse();
  }

  @Test
  void whoStreamsFromAnotherTimelineOfItDoesNot() {
    voter.reports(streaming(new Local.Source(B, 2)));
    voter.hears(new ElectionMessage.Prepare(ballot(6, B), Optional.of(3), false));
    assertThat(voter.sent(B, ElectionMessage.Promise.class)).isEmpty();
    assertThat(voter.orders().fenceFor()).contains(ballot(6, B));
  }

  @Test
  void aNodeWithoutDataPromisesAtOnceAndBeginsNoCopyAfterwards() {
    voter.reports(
        new Local(
            true,
            Optional.of(false),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            1,
            0,
            Local.Replication.NONE));
    voter.hears(prepare(ballot(6, C)));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).hasSize(1);
    assertThat(voter.orders().fenceFor()).contains(ballot(6, C));
  }

  @Test
  void theFenceSurvivesARestart() {
    voter.hears(prepare(ballot(6, C))).reports(held(100, Optional.of(ballot(6, C))));
    var restarted = new Bench(voter.state.voter());
    assertThat(restarted.orders().fenceFor()).contains(ballot(6, C));
  }

  @Test
  void aPositionThatWasNotKnownFollowsUnderTheSamePromise() {
    voter.hears(prepare(ballot(6, C)));
    var unknown = held(100, Optional.of(ballot(6, C)));
    voter.reports(
        new Local(
            true,
            Optional.of(true),
            Optional.empty(),
            Optional.empty(),
            unknown.systemIdentifier(),
            1,
            0,
            unknown.replication()));
    assertThat(voter.sent(C, ElectionMessage.Promise.class))
        .singleElement()
        .satisfies(it -> assertThat(it.position()).isEmpty());
    voter.reports(unknown);
    assertThat(voter.sent(C, ElectionMessage.Promise.class))
        .singleElement()
        .satisfies(it -> assertThat(it.position()).contains(at(3, 100)));
  }

  @Test
  void onlyALeaderThatRunsAsRecordedReleases() {
    voter.hears(prepare(ballot(6, C))).reports(held(100, Optional.of(ballot(6, C))));
    var record = Bench.record(6, C, 4).withSync(Optional.of(set(2, A, B, C)));
    voter.hears(new ElectionMessage.Accept(Bench.value(ballot(6, C), 1, record)));
    assertThat(voter.orders().fenceFor()).as("not promoted yet").isPresent();
    voter.hears(beat(ballot(6, C), at(3, 100), true));
    assertThat(voter.orders().fenceFor()).as("on another timeline").isPresent();
    voter.hears(beat(ballot(6, C), at(4, 120), true));
    assertThat(voter.orders().fenceFor()).isEmpty();
    assertThat(voter.state.voter().fenced()).isFalse();
  }

  @Test
  void aFenceThatIsNoLongerOrderedIsNoneEvenIfTheCandidateAsksAgain() {
    voter.hears(prepare(ballot(6, C))).hears(primaryBeat(3));
    assertThat(voter.orders().fenceFor()).as("its leader is there after all").isEmpty();
    voter.reports(held(100, Optional.of(ballot(6, C)))); // it was on its way
    voter.ticksAfter(10_000).hears(prepare(ballot(6, C)));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).isEmpty();
    voter.hears(prepare(ballot(7, C))).reports(held(100, Optional.of(ballot(7, C))));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).hasSize(1);
  }

  private static ElectionMessage.Prepare prepare(Ballot ballot) {
    return new ElectionMessage.Prepare(ballot, Optional.empty(), false);
  }

  private static ElectionMessage.Beat primaryBeat(int timeline) {
    return beat(ballot(5, B), at(timeline, 100), true);
  }

  private static ElectionMessage.Beat beat(Ballot ballot, Position position, boolean primary) {
    return new ElectionMessage.Beat(
        ballot.candidate(),
        new Version(ballot, 1),
        1,
        Bench.TTL_MS,
        Optional.of(position),
        primary);
  }

  private static Local streaming(Local.Source source) {
    return Bench.with(
        held(100, Optional.empty()),
        new Local.Replication(
            Optional.of(1L),
            Optional.empty(),
            Optional.of(source),
            true,
            Set.of(),
            Optional.empty()));
  }

  private static Position at(int timeline, long lsn) {
    return new Position(timeline, new Lsn(lsn));
  }
}
