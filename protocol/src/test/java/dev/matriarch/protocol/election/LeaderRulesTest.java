package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.TTL_MS;
import static dev.matriarch.protocol.election.Bench.granted;
import static dev.matriarch.protocol.election.Bench.promise;
import static dev.matriarch.protocol.election.Bench.store;
import static dev.matriarch.protocol.election.Bench.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeaderRulesTest {
  private static final StoreId NEW_STORE = new StoreId("a new one");

  private final Bench leader = Bench.leading();

  @Test
  void theLeaseCountsFromTheSendTimeAndIsShorterByTheDrift() {
    var beat = beats();
    var sentAt = leader.now;
    leader.now = leader.now.plusMillis(300);
    leader.hears(granted(B, store(B), beat.version(), beat.number()));
    assertThat(leader.leader().lease().until()).isEqualTo(sentAt.plusMillis(TTL_MS * 99 / 100));
  }

  @Test
  void anAnswerFromAStoreWithoutVoteRenewsNothing() {
    var before = leader.leader().lease();
    var beat = beats();
    leader.hears(granted(C, NEW_STORE, beat.version(), beat.number()));
    assertThat(leader.leader().lease()).isEqualTo(before);
  }

  @Test
  void whoeverWaitsForThePrimaryHearsOfItAtOnce() {
    var bench = Bench.following(A).reports(Bench.standby(100)).stands();
    bench.hears(promise(B, bench.ballot(), Optional.empty()));
    bench.hears(new ElectionMessage.Accepted(B, store(B), new Version(bench.ballot(), 1)));
    bench.ticksAfter(0);
    assertThat(bench.sent(B, ElectionMessage.Beat.class)).as("the first one").hasSize(1);
    bench.reports(Bench.local(Optional.of(4), Bench.standby(100).position()));
    assertThat(bench.sent(B, ElectionMessage.Beat.class)).as("it is being promoted").isEmpty();
    bench.reports(Bench.primary(4));
    assertThat(bench.sent(B, ElectionMessage.Beat.class)).hasSize(1);
    bench.reports(Bench.primary(4));
    assertThat(bench.sent(B, ElectionMessage.Beat.class)).as("nothing new").isEmpty();
  }

  @Test
  void whoseLeaseHasEndedNoLongerLeads() {
    leader.ticksAfter(TTL_MS * 99 / 100);
    assertThat(leader.state.standing()).isNotInstanceOf(Standing.Leading.class);
    assertThat(leader.view()).isInstanceOf(LeaseView.Vacant.class);
  }

  @Test
  void aVoterThatHasPromisedMoreIsWonBackAndTheLeaseKept() {
    for (var term : new long[] {leader.ballot().term() + 1, leader.ballot().term()}) {
      var bench = Bench.leading();
      var until = bench.leader().lease().until();
      bench.hears(new ElectionMessage.Refused(C, bench.ballot(), term, 0));
      assertThat(bench.sent(C, ElectionMessage.Prepare.class)).hasSize(1);
      assertThat(bench.ballot().term()).isGreaterThan(term);
      assertThat(bench.view())
          .isInstanceOfSatisfying(
              LeaseView.Mine.class, it -> assertThat(it.until()).isEqualTo(until));
      bench.hears(promise(B, bench.ballot(), Optional.empty()));
      bench.hears(new ElectionMessage.Accepted(B, store(B), new Version(bench.ballot(), 1)));
      assertThat(bench.leader().chosen().record().timeline()).isEqualTo(4);
    }
  }

  /** Others may never adopt what it has only proposed, and go by the record before. */
  @Test
  void whoStandsAgainGoesByTheChosenRecord() {
    var chosen = leader.leader().chosen().record();
    leader.takes(
        new Input.Propose(leader.now, 1, new RecordChange.Configure(Map.of("n", 1), TTL_MS)));
    assertThat(leader.state.voter().record()).isNotEqualTo(Optional.of(chosen));
    leader.hears(new ElectionMessage.Refused(C, leader.ballot(), 99, 0));
    assertThat(leader.view())
        .isInstanceOfSatisfying(
            LeaseView.Mine.class, it -> assertThat(it.record()).isEqualTo(chosen));
  }

  @Test
  void aForcedElectionLeavesNobodyWithoutAnAnswer() {
    leader.takes(
        new Input.Propose(leader.now, 1, new RecordChange.Configure(Map.of("n", 1), TTL_MS)));
    leader.takes(
        new Input.Propose(leader.now, 2, new RecordChange.Configure(Map.of("n", 2), TTL_MS)));
    leader.now = leader.leader().lease().until(); // it has not looked at the clock since
    leader.takes(new Input.Force(leader.now, "by hand"));
    assertThat(leader.state.standing()).isInstanceOf(Standing.Preparing.class);
    assertThat(leader.decided())
        .satisfiesExactly(
            it -> assertThat(it.verdict()).isInstanceOf(Effect.Verdict.Unknown.class),
            it -> assertThat(it.verdict()).isInstanceOf(Effect.Verdict.Refused.class));
  }

  @Test
  void aGrantRefusedForATimeIsNoReasonToStandAgain() {
    leader.hears(new ElectionMessage.Refused(C, leader.ballot(), 99, 500));
    assertThat(leader.state.standing()).isInstanceOf(Standing.Leading.class);
  }

  @Test
  void aMemberWithoutTheRecordGetsIt() {
    var beat = beats();
    leader.hears(granted(C, store(C), Version.NONE, ElectionMessage.Granted.NOTHING));
    leader.hears(
        new ElectionMessage.Granted(
            C, store(C), beat.version().ballot(), ElectionMessage.Granted.NOTHING, Version.NONE));
    assertThat(leader.sent(C, ElectionMessage.Accept.class)).hasSize(1);
  }

  @Test
  void aNewStoreGetsItsVoteAndTheOldVotersGoOnceThatIsChosen() {
    renewed();
    var beat = beats();
    leader.hears(granted(B, store(B), beat.version(), beat.number()));
    leader.hears(granted(C, NEW_STORE, beat.version(), beat.number()));
    var joint = proposed();
    assertThat(joint.outgoing()).contains(Bench.voters());
    assertThat(joint.voters().counts(new Voter(C, NEW_STORE))).isTrue();
    leader.hears(accepted(B, store(B)));
    assertThat(proposed().outgoing()).isEmpty();
    leader.hears(accepted(C, NEW_STORE));
    assertThat(leader.leader().chosen().record().outgoing()).isEmpty();
    assertThat(leader.leader().proposal()).isEmpty();
  }

  @Test
  void theLateAnswerOfAStoreThatMayBeGoneIsNoReasonToGiveItAVote() {
    var old = beats();
    renewed();
    leader.hears(granted(C, NEW_STORE, old.version(), old.number()));
    assertThat(leader.leader().proposal()).isEmpty();
  }

  @Test
  void aVoterThatAnswersAfterTheMajorityIsThereAllTheTime() {
    for (var round = 0; round < 10; round++) {
      var beat = beats();
      leader.hears(granted(B, store(B), beat.version(), beat.number()));
      if (round > 0) {
        assertThat(present()).contains(C);
      }
      leader.hears(granted(C, store(C), beat.version(), beat.number()));
    }
    leader.ticksAfter(ElectionTiming.DEFAULT.suspicion().toMillis() + 1);
    assertThat(present()).containsExactly(A);
  }

  private Set<NodeId> present() {
    return leader.machine.outlook(leader.state, leader.now).present();
  }

  @Test
  void noStoreGetsItsVoteWhileALeaseOfALongerTtlRuns() {
    renewed();
    leader.takes(
        new Input.Propose(leader.now, 1, new RecordChange.Configure(Map.of(), TTL_MS / 2)));
    leader.hears(accepted(B, store(B)));
    var beat = beats();
    leader.hears(granted(C, NEW_STORE, beat.version(), beat.number()));
    assertThat(leader.leader().proposal()).as("the long lease still runs").isEmpty();
    leader.ticksAfter(TTL_MS / 2);
    renewed();
    var later = beats();
    leader.hears(granted(C, NEW_STORE, later.version(), later.number()));
    assertThat(proposed().outgoing()).isPresent();
  }

  @Test
  void aChangeOfVotersThatWasAdoptedUnfinishedIsFinished() {
    var changing =
        new RecordChange.Enfranchise(new Voter(C, NEW_STORE)).apply(Bench.record(6, B, 4));
    var bench = Bench.following(A).stands();
    var adopted = value(Bench.ballot(5, B), 9, changing);
    bench.hears(promise(B, bench.ballot(), Optional.of(adopted)));
    bench.hears(new ElectionMessage.Accepted(B, store(B), new Version(bench.ballot(), 1)));
    bench.ticksAfter(10);
    assertThat(bench.leader().proposal().orElseThrow().value().record().outgoing()).isEmpty();
  }

  @Test
  void aLongerLeaseIsUsedOnlyOnceItsRecordIsChosen() {
    leader.takes(
        new Input.Propose(leader.now, 1, new RecordChange.Configure(Map.of(), TTL_MS * 2)));
    assertThat(beats().ttlMs()).isEqualTo(TTL_MS);
    leader.hears(accepted(B, store(B)));
    assertThat(beats().ttlMs()).isEqualTo(TTL_MS * 2);
  }

  @Test
  void changesAreMadeOneAtATimeAndEachIsAnswered() {
    for (var id = 1; id <= 3; id++) {
      var change = new RecordChange.Configure(Map.of("n", Math.min(id, 2)), TTL_MS);
      leader.takes(new Input.Propose(leader.now, id, change));
    }
    assertThat(leader.leader().queue()).hasSize(2);
    leader.hears(accepted(B, store(B)));
    assertThat(leader.decided()).extracting(Effect.Decided::id).containsExactly(1L);
    leader.hears(accepted(B, store(B)));
    assertThat(leader.decided())
        .as("the third changes nothing, and is chosen already")
        .extracting(Effect.Decided::id)
        .containsExactly(2L, 3L);
    assertThat(leader.leader().chosen().record().config()).isEqualTo(Map.of("n", 2));
  }

  @Test
  void whatIsUnderWayWhenTheLeaseEndsHasAnUnknownOutcome() {
    leader.takes(new Input.Propose(leader.now, 1, new RecordChange.Configure(Map.of(), 9)));
    leader.takes(new Input.Propose(leader.now, 2, new RecordChange.Configure(Map.of(), 8)));
    leader.ticksAfter(TTL_MS);
    assertThat(leader.decided())
        .extracting(it -> it.verdict().getClass().getSimpleName())
        .containsExactly("Unknown", "Refused");
  }

  @Test
  void theLeaseIsGivenUpOnlyAfterPostgresqlHasStopped() {
    var end = Optional.of(new Position(4, new Lsn(200)));
    var giveUp =
        new Input.GiveUp(leader.now, Optional.of(C), end, Optional.of("sick"), Duration.ZERO);
    leader.takes(giveUp);
    assertThat(leader.state.standing()).isInstanceOf(Standing.Leading.class);
    var leaderBallot = leader.ballot();
    leader.reports(Bench.local(Optional.empty(), Optional.empty())).takes(giveUp);
    assertThat(leader.sent(B, ElectionMessage.Release.class))
        .singleElement()
        .isEqualTo(
            new ElectionMessage.Release(leaderBallot, Optional.of(C), end, Optional.of("sick")));
    assertThat(leader.view()).isInstanceOf(LeaseView.Vacant.class);
  }

  /** The primary may still be there: nobody else may lead before the lease has ended. */
  @Test
  void whoResignsLetsItsLeaseRunOutAndReleasesNothing() {
    beats();
    leader.takes(new Input.Resign(leader.now));
    assertThat(leader.view()).isInstanceOf(LeaseView.Vacant.class);
    var beatsBefore = leader.sent(B, ElectionMessage.Beat.class).size();
    for (var tick = 0; tick < 10; tick++) {
      leader.ticksAfter(TTL_MS / 11);
    }
    assertThat(leader.sent(B, ElectionMessage.Release.class)).isEmpty();
    assertThat(leader.sent(B, ElectionMessage.Beat.class)).hasSize(beatsBefore);
    assertThat(leader.sent(B, ElectionMessage.Prepare.class)).isEmpty();
  }

  // --- steps ------------------------------------------------------------------------------------

  private ElectionMessage.Beat beats() {
    leader.ticksAfter(100);
    return leader.sent(B, ElectionMessage.Beat.class).getLast();
  }

  private void renewed() {
    var beat = beats();
    leader.hears(granted(B, store(B), beat.version(), beat.number()));
  }

  private ClusterRecord proposed() {
    return leader.leader().proposal().orElseThrow().value().record();
  }

  private ElectionMessage.Accepted accepted(NodeId from, StoreId it) {
    var version = leader.leader().proposal().orElseThrow().value().version();
    return new ElectionMessage.Accepted(from, it, version);
  }
}
