package dev.matriarch.protocol.election;

import static dev.matriarch.protocol.election.Bench.A;
import static dev.matriarch.protocol.election.Bench.B;
import static dev.matriarch.protocol.election.Bench.C;
import static dev.matriarch.protocol.election.Bench.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.NodeId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a leader proposes of the synchronous set and of the voters, and what it refuses. */
class ChangeRulesTest {
  private final Bench leader = Bench.leading();

  @Test
  void theModeIsSwitchedOnOnceEveryCommitIsProven() {
    var wanted = Optional.of(set(2, A, B));
    runsWith(Set.of(Optional.empty(), wanted), Optional.empty());
    assertThat(refusal(new RecordChange.Synchronise(wanted)))
        .hasValueSatisfying(it -> assertThat(it).contains("would not be covered"));
    runsWith(Set.of(wanted), Optional.empty());
    assertThat(refusal(new RecordChange.Synchronise(wanted)))
        .hasValueSatisfying(it -> assertThat(it).contains("not known to be on 2"));
    runsWith(Set.of(wanted), wanted);
    assertThat(proposed(new RecordChange.Synchronise(wanted)).sync()).isEqualTo(wanted);
  }

  @Test
  void theModeIsSwitchedOffInTheRecordFirst() {
    runsWith(Set.of(Optional.of(set(2, A, B))), Optional.empty());
    assertThat(refusal(new RecordChange.Synchronise(Optional.empty()))).isEmpty();
  }

  @Test
  void aSetIsNotProposedBeforePostgresIsKnownToGoByAnything() {
    assertThat(refusal(new RecordChange.Synchronise(Optional.of(set(1, A))))).isPresent();
  }

  @Test
  void aSetIsNotProposedBeforeTheRecordNamesTheDatabaseCluster() {
    var wanted = Optional.of(set(2, A, B));
    runsWith(Set.of(wanted), wanted);
    var turn = new Turn(leader.machine, leader.state, leader.now, Duration.ZERO);
    var change = new RecordChange.Synchronise(wanted);
    var named = leader.state.voter().record().orElseThrow();
    assertThat(ChangeRules.obstacle(turn, named, change)).isEmpty();
    assertThat(ChangeRules.obstacle(turn, ofNoCluster(named), change))
        .hasValueSatisfying(it -> assertThat(it).contains("does not name the database cluster"));
  }

  @Test
  void aVoterIsRemovedWhileAMajorityOfTheOthersAnswers() {
    assertThat(refusal(new RecordChange.Disenfranchise(C)))
        .contains("a majority of the remaining voters is not there");
    answers(B);
    var record = proposed(new RecordChange.Disenfranchise(C));
    assertThat(record.voters().stores()).containsOnlyKeys(A, B);
    assertThat(record.outgoing()).isPresent();
  }

  @Test
  void theLeaderKeepsItsVote() {
    answers(B);
    assertThat(refusal(new RecordChange.Disenfranchise(A)))
        .contains("the leader stays a voter; hand over first");
  }

  @Test
  void aFollowerDoesNotEvenBegin() {
    var follower = Bench.following(B);
    follower.ticksAfter(5_000);
    follower.takes(new Input.Propose(follower.now, 1, new RecordChange.Disenfranchise(C)));
    assertThat(follower.decided())
        .singleElement()
        .satisfies(it -> assertThat(it.verdict()).isInstanceOf(Effect.Verdict.Refused.class));
  }

  private static ClusterRecord ofNoCluster(ClusterRecord it) {
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
        Optional.empty(),
        it.config());
  }

  private void runsWith(Set<Optional<SyncSet>> settings, Optional<SyncSet> proven) {
    leader.reports(
        Bench.with(
            Bench.primary(4),
            new Local.Replication(
                Optional.of(1L), Optional.empty(), Optional.empty(), false, settings, proven)));
  }

  private void answers(NodeId voter) {
    leader.ticksAfter(100);
    var beat = leader.sent(voter, ElectionMessage.Beat.class).getFirst();
    leader.hears(Bench.granted(voter, Bench.store(voter), beat.version(), beat.number()));
  }

  private Optional<String> refusal(RecordChange change) {
    leader.takes(new Input.Propose(leader.now, 1, change));
    return leader.decided().stream()
        .map(Effect.Decided::verdict)
        .filter(Effect.Verdict.Refused.class::isInstance)
        .map(it -> ((Effect.Verdict.Refused) it).reason())
        .findFirst();
  }

  private ClusterRecord proposed(RecordChange change) {
    assertThat(refusal(change)).isEmpty();
    return leader.leader().proposal().orElseThrow().value().record();
  }
}
