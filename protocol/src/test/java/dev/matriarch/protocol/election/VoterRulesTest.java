package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.TTL_MS;
import static dev.matriarch.protocol.election.Bench.ballot;
import static dev.matriarch.protocol.election.Bench.beat;
import static dev.matriarch.protocol.election.Bench.record;
import static dev.matriarch.protocol.election.Bench.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VoterRulesTest {
  private final Bench voter = Bench.following(B);

  @Test
  void whileItsGrantRunsItRefusesAnotherCandidateAndSaysHowLong() {
    voter.hears(beat(ballot(5, B), 1)).ticksAfter(4_000);
    voter.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(voter.sent(C, ElectionMessage.Refused.class))
        .singleElement()
        .satisfies(it -> assertThat(it.retryAfterMs()).isEqualTo(TTL_MS - 4_000));
    voter
        .ticksAfter(TTL_MS - 4_000)
        .hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).hasSize(1);
  }

  @Test
  void theHolderOfItsGrantMayStandAgainAtOnce() {
    voter
        .hears(beat(ballot(5, B), 1))
        .hears(new ElectionMessage.Prepare(ballot(6, B), Optional.empty(), false));
    assertThat(voter.sent(B, ElectionMessage.Promise.class)).hasSize(1);
  }

  @Test
  void aPromiseIsSavedInTheStepThatTellsIt() {
    voter.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(voter.last.save()).map(VoterState::promised).contains(ballot(6, C));
  }

  @Test
  void aTermIsPromisedToOneCandidateOnly() {
    voter.hears(new ElectionMessage.Prepare(ballot(6, B), Optional.empty(), false));
    voter.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(voter.sent(C, ElectionMessage.Refused.class))
        .singleElement()
        .satisfies(it -> assertThat(it.retryAfterMs()).isZero());
  }

  @Test
  void aQuestionThatComesTwiceIsAnsweredTwice() {
    voter.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    voter.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).hasSize(1);
  }

  @Test
  void aNodeThatLostItsStoreCannotUseItsOldBallotAgain() {
    voter.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    voter.hears(
        new ElectionMessage.Prepare(
            new Ballot(6, C, new StoreId("a new one")), Optional.empty(), false));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).isEmpty();
    assertThat(voter.sent(C, ElectionMessage.Refused.class)).hasSize(1);
  }

  @Test
  void afterARestartItKeepsSilentForTheLongestLeaseButNotToItsLeader() {
    var stored =
        Bench.stored(value(ballot(4, B), 1, record(4, B, 3).withConfig(Map.of(), 30_000)))
            .accepting(value(ballot(5, B), 1, record(5, B, 3)));
    var restarted = new Bench(stored).ticksAfter(TTL_MS + 1);
    restarted.hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(restarted.sent(C, ElectionMessage.Refused.class))
        .singleElement()
        .satisfies(it -> assertThat(it.retryAfterMs()).isEqualTo(30_000 - TTL_MS - 1));
    restarted.hears(new ElectionMessage.Prepare(ballot(6, B), Optional.empty(), false));
    assertThat(restarted.sent(B, ElectionMessage.Promise.class)).hasSize(1);
  }

  @Test
  void aRecordOlderThanItsPromiseIsRefused() {
    voter.hears(new ElectionMessage.Prepare(ballot(7, C), Optional.empty(), false));
    voter.hears(new ElectionMessage.Accept(value(ballot(6, B), 1, record(6, B, 4))));
    assertThat(voter.sent(B, ElectionMessage.Accepted.class)).isEmpty();
    assertThat(voter.state.voter().version().ballot()).isEqualTo(ballot(5, B));
  }

  @Test
  void storingARecordIsAGrant() {
    voter.hears(new ElectionMessage.Accept(value(ballot(6, C), 1, record(6, C, 4))));
    assertThat(voter.state.grant())
        .isEqualTo(new Grant(Optional.of(C), voter.now.plusMillis(TTL_MS)));
    assertThat(voter.sent(C, ElectionMessage.Accepted.class)).hasSize(1);
  }

  @Test
  void aRecordOfACaretakerGrantsNothing() {
    voter.hears(new ElectionMessage.Accept(value(ballot(6, C), 1, record(6, B, 3).inCare(6))));
    assertThat(voter.state.grant().blocks(A, voter.now)).isFalse();
  }

  @Test
  void withoutTheRecordOfABeatNothingIsGranted() {
    voter.hears(beat(ballot(6, C), 9));
    assertThat(voter.sent(C, ElectionMessage.Granted.class))
        .singleElement()
        .satisfies(it -> assertThat(it.number()).isEqualTo(ElectionMessage.Granted.NOTHING));
    assertThat(voter.state.grant().blocks(A, voter.now)).isFalse();
  }

  @Test
  void aLongerLeaseThanItsRecordSaysIsNotGranted() {
    var longer =
        new ElectionMessage.Beat(
            B, new Version(ballot(5, B), 1), 9, TTL_MS + 1, Optional.empty(), true);
    voter.hears(longer);
    assertThat(voter.sent(B, ElectionMessage.Granted.class))
        .singleElement()
        .satisfies(it -> assertThat(it.number()).isEqualTo(ElectionMessage.Granted.NOTHING));
  }

  @Test
  void aReleaseEndsTheGrantOfItsOwnBallotOnly() {
    voter.hears(beat(ballot(5, B), 1));
    voter.hears(
        new ElectionMessage.Release(
            ballot(4, B), Optional.empty(), Optional.empty(), Optional.empty()));
    assertThat(voter.state.grant().blocks(C, voter.now)).isTrue();
    voter.hears(
        new ElectionMessage.Release(
            ballot(5, B), Optional.of(C), Optional.empty(), Optional.empty()));
    assertThat(voter.state.grant().blocks(C, voter.now)).isFalse();
  }

  @Test
  void aRunningPrimaryWithoutLeasePromisesNothingToOthers() {
    voter
        .reports(Bench.primary(3))
        .hears(new ElectionMessage.Prepare(ballot(6, C), Optional.empty(), false));
    assertThat(voter.sent(C, ElectionMessage.Promise.class)).isEmpty();
  }
}
