package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.ballot;
import static dev.matriarch.protocol.election.Bench.beat;
import static dev.matriarch.protocol.election.Bench.opinion;
import static dev.matriarch.protocol.election.Bench.promise;
import static dev.matriarch.protocol.election.Bench.record;
import static dev.matriarch.protocol.election.Bench.standby;
import static dev.matriarch.protocol.election.Bench.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CandidateRulesTest {
  private static final Local EMPTY =
      new Local(
          true,
          Optional.of(false),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          1,
          1000,
          Local.Replication.NONE);

  private final Bench node = Bench.following(B);

  @Test
  void aNodeThatAloneHasLostTheLeaderDisturbsNobody() {
    node.ticksAfter(100);
    var round = ((Standing.Canvassing) node.state.standing()).round();
    node.hears(opinion(B, round, false, able(B, 100, 1)));
    node.hears(opinion(C, round, false, able(C, 100, 1)));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    assertThat(node.state.voter().promised()).isEqualTo(ballot(5, B));
  }

  @Test
  void anAnswerToAnEarlierCanvassDoesNotCount() {
    node.ticksAfter(100);
    var round = ((Standing.Canvassing) node.state.standing()).round();
    node.hears(opinion(C, round - 1, true, Bench.nothing(C)));
    assertThat(((Standing.Canvassing) node.state.standing()).opinions()).containsOnlyKeys(A);
  }

  @Test
  void whoHasLessWalWaitsOneStepForEachBetterOne() {
    assertThat(waitsFor(able(C, 101, 1))).isEqualTo(ElectionTiming.DEFAULT.rankStep());
    assertThat(waitsFor(able(C, 99, 9))).isZero();
  }

  @Test
  void amongLevelNodesTheHigherPriorityGoesFirst() {
    assertThat(waitsFor(able(C, 100, 2))).isEqualTo(ElectionTiming.DEFAULT.rankStep());
    assertThat(waitsFor(able(C, 100, 1))).as("the name decides").isZero();
  }

  @Test
  void positionsThatGrowAreNotCompared() {
    var step = ElectionTiming.DEFAULT.rankStep();
    var ahead = receiving(able(C, 500, 1));
    assertThat(waitsFor(ahead)).as("here nothing comes in any more").isEqualTo(step);
    assertThat(waitsFor(ahead, receiving(standby(100)))).as("the name decides").isZero();
    assertThat(waitsFor(able(C, 500, 1), receiving(standby(100)))).isEqualTo(step);
    var behind = receiving(able(C, 9, 2));
    assertThat(waitsFor(behind, receiving(standby(100)))).as("the priority").isEqualTo(step);
  }

  @Test
  void whoCannotLeadIsNotWaitedFor() {
    var witness = new Candidacy(C, false, Optional.of(false), false, at(3, 500), 9, false);
    assertThat(waitsFor(witness)).isZero();
  }

  @Test
  void theAnswerOfTheLostLeaderIsNotWaitedForOnceTheOthersHaveLostIt() {
    node.ticksAfter(100);
    var round = ((Standing.Canvassing) node.state.standing()).round();
    node.hears(Bench.opinion(A, round, true, Bench.nothing(A)));
    assertThat(node.state.standing()).as("no majority").isInstanceOf(Standing.Canvassing.class);
    node.hears(Bench.opinion(C, round, true, Bench.nothing(C)));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
  }

  @Test
  void theSuccessorStandsAtOnceWithoutAsking() {
    node.hears(beat(ballot(5, B), 1));
    node.hears(
            new ElectionMessage.Release(
                ballot(5, B), Optional.of(A), Optional.empty(), Optional.empty()))
        .ticksAfter(200);
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    assertThat(node.sent(C, ElectionMessage.Prepare.class)).hasSize(1);
  }

  @Test
  void theHistoryNamesWhatMadeTheLeaderGo() {
    node.hears(beat(ballot(5, B), 1));
    node.hears(
            new ElectionMessage.Release(
                ballot(5, B), Optional.of(A), Optional.empty(), Optional.of("no commit")))
        .ticksAfter(200);
    assertThat(node.state.standing())
        .isInstanceOfSatisfying(
            Standing.Preparing.class,
            it ->
                assertThat(it.purpose())
                    .isEqualTo(
                        new Standing.Purpose.Lead("the leader handed over: no commit", false)));
  }

  @Test
  void withoutAMajorityOfPromisesNothingIsProposed() {
    node.stands();
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    node.hears(
        new ElectionMessage.Promise(
            C,
            new StoreId("a new one"),
            node.ballot(),
            new Incarnation(C, 2),
            Optional.empty(),
            Optional.empty(),
            true,
            true));
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
  }

  @Test
  void theNewestRecordAmongThePromisesIsAdoptedAndItsTimelineFollowed() {
    var newest = value(ballot(6, C), 2, record(6, C, 7).withConfig(Map.of("n", 1), 2_000));
    node.stands().hears(promise(B, node.ballot(), Optional.of(newest)));
    assertThat(node.state.standing()).isInstanceOf(Standing.Accepting.class);
    var proposed = node.state.voter().record().orElseThrow();
    assertThat(proposed.timeline()).isEqualTo(8);
    assertThat(proposed.config()).isEqualTo(Map.of("n", 1));
    assertThat(proposed.ttlMs()).isEqualTo(2_000);
    assertThat(proposed.leader()).contains(A);
    assertThat(proposed.history().getLast().fork()).isEqualTo(new Lsn(100));
  }

  @Test
  void anOldRecordInItsStoreDoesNotKeepANodeFromStanding() {
    node.reports(Bench.local(Optional.empty(), at(4, 500))).stands();
    assertThat(node.state.standing()).isInstanceOf(Standing.Preparing.class);
    var newer = value(ballot(6, B), 1, record(6, B, 4));
    node.hears(promise(C, node.ballot(), Optional.of(newer)));
    assertThat(node.state.voter().record().orElseThrow().timeline()).isEqualTo(5);
  }

  @Test
  void dataOnATimelineOfNobodyDoNotLead() {
    node.reports(Bench.local(Optional.empty(), at(9, 500))).stands();
    node.hears(promise(C, node.ballot(), Optional.empty()));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void whoLagsFurtherThanAllowedDoesNotLead() {
    node.stands();
    node.hears(
        new ElectionMessage.Promise(
            C,
            Bench.store(C),
            node.ballot(),
            new Incarnation(C, 1),
            Optional.empty(),
            at(3, 1_101),
            true,
            true));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void whoLagsBehindTheLostLeaderDoesNotEvenAsk() {
    node.hears(
        new ElectionMessage.Beat(
            B, new Version(ballot(5, B), 1), 1, Bench.TTL_MS, at(3, 1_101), true));
    node.ticksAfter(Bench.TTL_MS).ticksAfter(5_000);
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void anIncumbentGoesOnWithoutANewTimeline() {
    var incumbent = Bench.following(A).reports(Bench.primary(3)).ticksAfter(100);
    assertThat(incumbent.state.standing()).isInstanceOf(Standing.Preparing.class);
    incumbent.hears(promise(C, incumbent.ballot(), Optional.empty()));
    assertThat(incumbent.state.voter().record().orElseThrow().timeline()).isEqualTo(3);
  }

  @Test
  void anIncumbentThatWasSupersededStopsInsteadOfGoingOn() {
    for (var founded : List.of(true, false)) {
      var incumbent = Bench.following(A).reports(Bench.primary(3)).ticksAfter(100);
      var identifier = founded ? Optional.of(Bench.SYSTEM) : Optional.<String>empty();
      var other = withIdentifier(record(5, C, 4), identifier);
      incumbent.hears(promise(C, incumbent.ballot(), Optional.of(value(ballot(5, C), 1, other))));
      assertThat(incumbent.state.standing()).isInstanceOf(Standing.Idle.class);
      assertThat(incumbent.view()).isInstanceOf(LeaseView.Vacant.class);
    }
  }

  @Test
  void aHigherBallotMakesACandidateRest() {
    node.stands();
    var before = node.ballot();
    node.hears(new ElectionMessage.Refused(C, before, before.term() + 3, 0));
    assertThat(node.state.standing()).isInstanceOf(Standing.Idle.class);
    node.stands();
    assertThat(node.ballot().term()).isEqualTo(before.term() + 4);
  }

  @Test
  void aGrantInTheWayIsWaitedFor() {
    node.stands();
    var ballot = node.ballot();
    node.hears(new ElectionMessage.Refused(C, ballot, ballot.term(), 300)).ticksAfter(299);
    assertThat(node.sent(C, ElectionMessage.Prepare.class)).isEmpty();
    node.ticksAfter(1);
    assertThat(node.sent(C, ElectionMessage.Prepare.class)).hasSize(1);
  }

  @Test
  void aCaretakerChangesTheConfigurationAndElectsNobody() {
    var change = new RecordChange.Configure(Map.of("n", 1), 2_000);
    node.takes(new Input.Propose(node.now.plusSeconds(30), 7, change));
    node.now = node.now.plusSeconds(30);
    node.hears(promise(C, node.ballot(), Optional.empty()));
    var version = new Version(node.ballot(), 1);
    node.hears(new ElectionMessage.Accepted(C, Bench.store(C), version));
    assertThat(node.decided())
        .containsExactly(new Effect.Decided(7, new Effect.Verdict.Chosen(version)));
    var record = node.state.voter().record().orElseThrow();
    assertThat(record.leader()).isEmpty();
    assertThat(record.elected()).contains(B);
    assertThat(record.config()).isEqualTo(Map.of("n", 1));
    assertThat(node.view()).isInstanceOf(LeaseView.Vacant.class);
  }

  @Test
  void aFollowerRefusesAChangeWhileItHearsItsLeader() {
    node.hears(beat(ballot(5, B), 1));
    node.takes(new Input.Propose(node.now, 7, new RecordChange.Identify("x")));
    assertThat(node.decided())
        .singleElement()
        .satisfies(it -> assertThat(it.verdict()).isInstanceOf(Effect.Verdict.Refused.class));
  }

  @Test
  void aNewClusterIsFoundedByAMajorityOfTheConfiguredMembers() {
    var first = new Bench(VoterState.fresh(A, Bench.store(A), 1));
    first.reports(EMPTY);
    first.stands().hears(promise(C, first.ballot(), Optional.empty()));
    var record = first.state.voter().record().orElseThrow();
    assertThat(record.timeline()).isEqualTo(1);
    assertThat(record.voters().counts(new Voter(C, Bench.store(C)))).isTrue();
    assertThat(record.voters().stores()).containsEntry(B, StoreId.UNKNOWN);
  }

  @Test
  void anEmptyNodeDoesNotFoundAClusterBesideDataOfAnother() {
    var empty = new Bench(VoterState.fresh(A, Bench.store(A), 1));
    empty.reports(EMPTY);
    empty.stands();
    empty.hears(
        new ElectionMessage.Promise(
            C,
            Bench.store(C),
            empty.ballot(),
            new Incarnation(C, 1),
            Optional.empty(),
            at(1, 9),
            true,
            true));
    assertThat(empty.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void anEmptyNodeFoundsWithoutAnUnheardMemberOnlyAfterAWholeTtl() {
    var empty = canvassingEmpty();
    var began = empty.now;
    empty.hears(opinion(B, round(empty), true, Bench.nothing(B)));
    while (empty.state.standing() instanceof Standing.Canvassing) {
      empty.ticksAfter(100);
    }
    assertThat(empty.now.minus(began))
        .isBetween(Duration.ofMillis(Bench.TTL_MS), Duration.ofMillis(Bench.TTL_MS + 200));
    assertThat(empty.state.standing()).isInstanceOf(Standing.Preparing.class);
  }

  @Test
  void anEmptyNodeFoundsAtOnceWhenAllAreHeardAndNobodyHasData() {
    var empty = canvassingEmpty();
    empty.hears(opinion(B, round(empty), true, Bench.nothing(B)));
    empty.hears(opinion(C, round(empty), true, Bench.nothing(C)));
    assertThat(empty.ticksAfter(1).state.standing()).isInstanceOf(Standing.Preparing.class);
  }

  @Test
  void aMemberThatHasNotLookedYetIsAskedAgainAndCountsAsUnheard() {
    var empty = canvassingEmpty();
    var blind = new Candidacy(C, false, Optional.empty(), false, Optional.empty(), 1, false);
    empty.hears(opinion(B, round(empty), true, Bench.nothing(B)));
    empty.hears(opinion(C, round(empty), true, blind));
    empty.ticksAfter(300);
    assertThat(empty.state.standing()).isInstanceOf(Standing.Canvassing.class);
    assertThat(empty.sent(C, ElectionMessage.Canvass.class)).hasSize(1);
    assertThat(empty.sent(B, ElectionMessage.Canvass.class)).isEmpty();
    empty.hears(opinion(C, round(empty), true, able(C, 9, 1)));
    assertThat(empty.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  @Test
  void anEmptyNodeLeavesTheFoundingToOneWithDataThatItsPositionIsNotKnownOfYet() {
    var empty = canvassingEmpty();
    var stopped = new Candidacy(C, false, Optional.of(true), false, Optional.empty(), 1, false);
    empty.hears(opinion(C, round(empty), true, stopped));
    assertThat(empty.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  private static Bench canvassingEmpty() {
    var empty = new Bench(VoterState.fresh(A, Bench.store(A), 1));
    empty.reports(EMPTY);
    while (!(empty.state.standing() instanceof Standing.Canvassing)) {
      empty.ticksAfter(100);
    }
    return empty;
  }

  private static long round(Bench bench) {
    return ((Standing.Canvassing) bench.state.standing()).round();
  }

  @Test
  void anEmptyNodeDoesNotEvenStandWhenANodeWithDataIsHeard() {
    var empty = canvassingEmpty();
    var round = round(empty);
    empty.hears(opinion(B, round, true, Bench.nothing(B)));
    empty.hears(opinion(C, round, true, able(C, 9, 1)));
    assertThat(empty.state.standing()).isInstanceOf(Standing.Idle.class);
  }

  private Duration waitsFor(Candidacy other) {
    return waitsFor(other, standby(100));
  }

  private static Duration waitsFor(Candidacy other, Local local) {
    var bench = Bench.following(B).reports(local).ticksAfter(100);
    var round = ((Standing.Canvassing) bench.state.standing()).round();
    bench.hears(opinion(B, round, true, Bench.nothing(B)));
    bench.hears(opinion(C, round, true, other));
    return bench.state.standing() instanceof Standing.Waiting(var until, _)
        ? until.minus(bench.now)
        : Duration.ZERO;
  }

  /** WAL comes in. */
  private static Local receiving(Local it) {
    return Bench.with(
        it,
        new Local.Replication(
            Optional.of(1L), Optional.empty(), Optional.empty(), true, Set.of(), Optional.empty()));
  }

  private static Candidacy receiving(Candidacy it) {
    return new Candidacy(
        it.node(), it.able(), it.hasData(), it.primary(), it.position(), it.priority(), true);
  }

  private static Candidacy able(NodeId node, long lsn, int priority) {
    return new Candidacy(node, true, Optional.of(true), false, at(3, lsn), priority, false);
  }

  private static Optional<Position> at(int timeline, long lsn) {
    return Optional.of(new Position(timeline, new Lsn(lsn)));
  }

  private static ClusterRecord withIdentifier(ClusterRecord it, Optional<String> identifier) {
    return new ClusterRecord(
        it.term(),
        it.leader(),
        it.elected(),
        it.timeline(),
        it.voters(),
        it.outgoing(),
        it.sync(),
        it.history(),
        it.ttlMs(),
        identifier,
        it.config());
  }
}
