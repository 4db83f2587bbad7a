package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.Failover.State;
import dev.matriarch.protocol.report.FailoverLog;
import dev.matriarch.protocol.report.Phase;
import dev.matriarch.protocol.sync.IncarnationName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a fail-over that this node won is followed to its end. */
class FailoversTest {
  private static final NodeId ME = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final int TIMELINE = 4;

  private final Knowledge knowledge = new Knowledge(ME, false, Set.of(ME, B), Map.of());
  private final Failovers failovers = knowledge.failovers;
  private Duration now = Duration.ofHours(1);

  @BeforeEach
  void bIsAMember() {
    knowledge.heard(new TreeMap<>(Map.of(B, Statuses.of(B))));
  }

  @Test
  void itIsCompleteOnceAReplicaStreams() {
    elected(6);
    leads(6);
    after(85);
    failovers.ended(promoted(), now);
    assertThat(last().state()).isEqualTo(State.ATTACHING);
    primary(Optional.empty());
    assertThat(failovers.isSettled()).isFalse();
    after(210);
    primary(Optional.of("b"));
    assertThat(failovers.isSettled()).isTrue();
    assertThat(last().state()).isEqualTo(State.COMPLETE);
    assertThat(last().phases())
        .containsEntry(Phase.PROMOTED, Duration.ofMillis(85))
        .containsEntry(Phase.ATTACHED, Duration.ofMillis(210));
    after(100);
    primary(Optional.of("b"));
    assertThat(failovers.log().count()).isEqualTo(1);
  }

  @Test
  void aStandbyInSynchronousModeIsKnownByItsIncarnation() {
    elected(6);
    leads(6);
    primary(Optional.of(IncarnationName.format(new Incarnation(B, 7))));
    assertThat(last().state()).isEqualTo(State.COMPLETE);
  }

  @Test
  void whoeverElseStreamsIsNoReplica() {
    elected(6);
    leads(6);
    for (var other : List.of("pg_basebackup", "pg_receivewal", "", "c")) {
      primary(Optional.of(other));
      assertThat(last().state()).as(other).isEqualTo(State.ATTACHING);
    }
  }

  @Test
  void aPrimaryOfAnotherTimelineIsNotThePromotion() {
    elected(6);
    leads(6);
    knowledge.observed = Optional.of(observed(TIMELINE - 1, Optional.of("b")));
    failovers.look(knowledge, now);
    assertThat(last().state()).isEqualTo(State.PROMOTING);
  }

  @Test
  void anOperationThatFailedPromotedNothing() {
    elected(6);
    leads(6);
    failovers.ended(
        OperationResult.of(Operation.PROMOTE, new Outcome.Failed("it is not in recovery")), now);
    failovers.ended(OperationResult.of(Operation.FENCE, new Outcome.Done("")), now);
    assertThat(last().state()).isEqualTo(State.PROMOTING);
  }

  @Test
  void afterAWhileNoReplicaIsWaitedForAnyMore() {
    elected(6);
    leads(6);
    primary(Optional.empty());
    now = now.plus(Failovers.REPLICA_WITHIN);
    primary(Optional.empty());
    assertThat(failovers.isSettled()).isTrue();
    assertThat(last().state()).isEqualTo(State.WITHOUT_REPLICA);
  }

  @Test
  void leadershipThatIsLostEndsIt() {
    elected(6);
    failovers.look(knowledge, now);
    assertThat(failovers.isSettled()).as("the lease is told after the election").isFalse();
    leads(6);
    failovers.look(knowledge, now);
    knowledge.lease = new LeaseView.Vacant(Optional.of(record(6)));
    failovers.look(knowledge, now);
    assertThat(last().state()).isEqualTo(State.LOST);
  }

  @Test
  void theNextOneEndsTheOneBefore() {
    elected(6);
    elected(8);
    assertThat(failovers.log().count()).isEqualTo(2);
    assertThat(failovers.log().last())
        .extracting(Failover::state)
        .containsExactly(State.LOST, State.PROMOTING);
  }

  @Test
  void theLastOnesAreKeptAndAllAreCounted() {
    for (var term = 1; term <= 60; term++) {
      elected(term);
    }
    assertThat(failovers.log().count()).isEqualTo(60);
    assertThat(failovers.log().last())
        .hasSize(FailoverLog.KEPT_MAX)
        .extracting(Failover::term)
        .startsWith(11L)
        .endsWith(60L);
  }

  @Test
  void anotherLifeOfTheAgentRemembersThemAndFollowsNone() {
    elected(6);
    var again = new Failovers();
    again.ofEarlierLife(failovers.log());
    assertThat(again.isSettled()).isTrue();
    assertThat(again.log().count()).isEqualTo(1);
    assertThat(again.log().last()).extracting(Failover::state).containsExactly(State.LOST);
  }

  private Failover last() {
    return failovers.log().last().getLast();
  }

  private void after(long ms) {
    now = now.plusMillis(ms);
  }

  private void elected(long term) {
    failovers.elected(
        new Failover(
            term,
            TIMELINE,
            Optional.of(B),
            ME,
            false,
            "the leader is lost",
            1,
            new TreeMap<>(Map.of(Phase.CHOSEN, Duration.ofMillis(9))),
            now,
            State.PROMOTING));
  }

  private void leads(long term) {
    knowledge.lease =
        new LeaseView.Mine(
            new Ballot(term, ME, new StoreId("store")), now.plusSeconds(5), record(term));
  }

  private void primary(Optional<String> sender) {
    knowledge.observed = Optional.of(observed(TIMELINE, sender));
    failovers.look(knowledge, now);
  }

  private static OperationResult promoted() {
    return OperationResult.of(Operation.PROMOTE, new Outcome.Done("timeline 4"));
  }

  private static Observation observed(int timeline, Optional<String> sender) {
    var status =
        new InstanceStatus(
            "7001",
            150_012,
            Instant.EPOCH,
            new InstanceStatus.Primary(timeline, new Lsn(1), new Lsn(1)),
            false,
            sender.stream().map(FailoversTest::streaming).toList(),
            List.of());
    return new Observation(
        1, new Seen.Up(status, false), Optional.empty(), false, Optional.empty());
  }

  private static InstanceStatus.WalSender streaming(String name) {
    return new InstanceStatus.WalSender(
        "replicator",
        name,
        Optional.empty(),
        "streaming",
        "async",
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static ClusterRecord record(long term) {
    return new ClusterRecord(
        term,
        Optional.of(ME),
        Optional.of(ME),
        TIMELINE,
        Electorate.ofUnheard(List.of(ME, B)),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        5_000,
        Optional.of("7001"),
        Map.of());
  }
}
