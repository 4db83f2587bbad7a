package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.Observation.Seen;
import dev.matriarch.actors.OperationResult.Learned;
import dev.matriarch.actors.postgres.InstanceStatus;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Local;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.ha.Decision;
import dev.matriarch.protocol.ha.HaPolicy;
import dev.matriarch.protocol.ha.Instance;
import dev.matriarch.protocol.ha.Operation;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.model.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the election is told of a fence, before, during and after. */
class SealingTest {
  private static final NodeId ME = new NodeId("a");
  private static final NodeId OTHER = new NodeId("b");
  private static final String ID = "7000000000000000001";
  private static final Ballot BALLOT = new Ballot(5, OTHER, new StoreId("b-1"));
  private static final Orders FENCE =
      new Orders(Optional.of(BALLOT), Optional.empty(), Optional.empty());
  private static final Position SHOWN = new Position(3, new Lsn(1_000));
  private static final Position MEASURED = new Position(3, new Lsn(1_500));

  private final Knowledge knowledge = new Knowledge(ME, false, Set.of(ME, OTHER), Map.of());
  private final Duration now = Duration.ofHours(1);
  private Local told = Local.NOTHING;

  @Test
  void aStandbyThatMayStreamIsNotToldToBeFenced() {
    synchronous();
    see(standby(Optional.of(SHOWN.lsn())));
    knowledge.orders = FENCE;
    assertThat(tell().replication().fencedFor()).isEmpty();
    assertThat(tell().position()).contains(SHOWN);
  }

  @Test
  void theFenceIsToldWithAllThatIsThere() {
    synchronous();
    see(standby(Optional.of(SHOWN.lsn())));
    knowledge.orders = FENCE;
    begin(new Decision.Fence("test"));
    assertThat(tell().replication().fencedFor()).isEmpty();
    end(Operation.FENCE, new Learned.Measured(MEASURED));
    assertThat(tell().replication().fencedFor()).contains(BALLOT);
    assertThat(tell().position()).contains(MEASURED);
    see(standby(Optional.of(SHOWN.lsn())));
    assertThat(tell().position()).as("it shows less").contains(MEASURED);
  }

  @Test
  void aFenceWhoseEndIsNotKnownIsToldWithoutAPosition() {
    synchronous();
    see(standby(Optional.of(SHOWN.lsn())));
    knowledge.orders = FENCE;
    begin(new Decision.Fence("test"));
    end(Operation.FENCE, new Learned.Closed());
    assertThat(tell().replication().fencedFor()).contains(BALLOT);
    assertThat(tell().position()).isEmpty();
    see(standby(Optional.of(SHOWN.lsn())));
    assertThat(tell().position()).isEmpty();
  }

  @Test
  void aFailedFenceIsNone() {
    synchronous();
    see(standby(Optional.of(SHOWN.lsn())));
    knowledge.orders = FENCE;
    begin(new Decision.Fence("test"));
    end(Operation.FENCE, new Learned.Nothing());
    assertThat(tell().replication().fencedFor()).isEmpty();
  }

  @Test
  void theEndOfTheOrderIsToldBeforeAnybodyIsFollowed() {
    synchronous();
    see(standby(Optional.of(SHOWN.lsn())));
    knowledge.orders = FENCE;
    begin(new Decision.Fence("test"));
    end(Operation.FENCE, new Learned.Measured(MEASURED));
    knowledge.orders = Orders.NONE;
    assertThat(tell().replication().fencedFor()).isEmpty();
    begin(new Decision.Follow(OTHER, "test"));
    knowledge.orders = FENCE;
    assertThat(tell().replication().fencedFor()).as("it follows by now").isEmpty();
  }

  /** It streamed a new timeline so briefly that nobody saw it, and its control file lags behind. */
  @Test
  void whatAFenceHasMeasuredIsToldAsLongAsThatServerRuns() {
    synchronous();
    var newer = new Position(SHOWN.timeline() + 1, SHOWN.lsn());
    begin(new Decision.Fence("test"));
    end(Operation.FENCE, new Learned.Measured(newer));
    begin(new Decision.Follow(OTHER, "test"));
    see(standby(Optional.of(SHOWN.lsn())));
    assertThat(tell().position()).contains(newer);
    end(Operation.FOLLOW, new Learned.Nothing());
    see(standby(Optional.of(SHOWN.lsn())));
    assertThat(tell().position()).contains(newer);
    begin(new Decision.StartStandby(Optional.of(OTHER), "test"));
    see(standby(Optional.of(SHOWN.lsn())));
    assertThat(tell().position()).as("another server").contains(SHOWN);
  }

  @Test
  void stoppedDataAreFencedAndTheirEndIsUnknown() {
    synchronous();
    see(new Seen.Down(ID, new Position(3, Lsn.ZERO), Instance.Shutdown.PRIMARY_UNCLEAN));
    knowledge.orders = FENCE;
    assertThat(tell().replication().fencedFor()).contains(BALLOT);
    assertThat(tell().position()).isEmpty();
    begin(new Decision.StartStandby(Optional.empty(), "test"));
    assertThat(tell().replication().fencedFor()).contains(BALLOT);
    assertThat(tell().position()).isEmpty();
  }

  @Test
  void aStartThatFollowsBreaksTheFence() {
    synchronous();
    see(new Seen.Down(ID, new Position(3, Lsn.ZERO), Instance.Shutdown.STANDBY));
    begin(new Decision.StartStandby(Optional.of(OTHER), "test"));
    knowledge.orders = FENCE;
    assertThat(tell().replication().fencedFor()).isEmpty();
    assertThat(HaPolicy.decide(knowledge.view(now))).isInstanceOf(Decision.Stop.class);
  }

  @Test
  void aCopyThatIsUnderWayGoesOnAndFollowsNobody() {
    synchronous();
    see(new Seen.NoData(false));
    var gate = begin(new Decision.Clone(OTHER, "test"));
    knowledge.orders = FENCE;
    knowledge.sealing.closeIfPossible();
    assertThat(tell().replication().fencedFor()).contains(BALLOT);
    assertThat(HaPolicy.decide(knowledge.view(now))).isInstanceOf(Decision.Stay.class);
    assertThat(gate.mayFollow()).isFalse();
  }

  @Test
  void aCopyThatIsAboutToFollowIsStopped() {
    synchronous();
    see(new Seen.NoData(false));
    var gate = begin(new Decision.Clone(OTHER, "test"));
    assertThat(gate.mayFollow()).isTrue();
    knowledge.orders = FENCE;
    knowledge.sealing.closeIfPossible();
    assertThat(tell().replication().fencedFor()).isEmpty();
    assertThat(HaPolicy.decide(knowledge.view(now))).isInstanceOf(Decision.Stop.class);
  }

  @Test
  void whatWasNotReadYetIsNoPositionInSynchronousMode() {
    see(standby(Optional.empty()));
    assertThat(tell().position()).isPresent();
    synchronous();
    assertThat(tell().position()).isEmpty();
    assertThat(HaPolicy.decide(knowledge.view(now)))
        .isEqualTo(new Decision.Fence("no leader: to learn its position"));
  }

  private void synchronous() {
    var set = new SyncSet(Set.of(new Incarnation(ME, 1), new Incarnation(OTHER, 2)), 2);
    knowledge.lease =
        new LeaseView.Vacant(
            Optional.of(
                new ClusterRecord(
                    4,
                    Optional.of(OTHER),
                    Optional.of(OTHER),
                    3,
                    Electorate.ofUnheard(Set.of(ME, OTHER)),
                    Optional.empty(),
                    Optional.of(set),
                    List.of(),
                    5_000,
                    Optional.of(ID),
                    Map.of())));
  }

  private FollowGate begin(Decision decision) {
    var gate = knowledge.sealing.begins(decision);
    knowledge.busy = HaPolicy.operationOf(decision);
    return gate;
  }

  private void end(Operation operation, Learned learned) {
    Aftermath.of(new OperationResult(operation, new Outcome.Done("test"), learned), knowledge, now);
  }

  private Local tell() {
    told = LocalPicture.of(knowledge, Tags.NONE, told, now);
    return told;
  }

  private void see(Seen seen) {
    knowledge.saw(new Observation(0, seen, Optional.empty(), false, Optional.of(1L)), false, now);
  }

  private static Seen standby(Optional<Lsn> received) {
    return new Seen.Up(
        new InstanceStatus(
            ID,
            150_018,
            Instant.EPOCH,
            new InstanceStatus.Standby(
                SHOWN.timeline(),
                received,
                Optional.of(SHOWN.lsn()),
                Optional.empty(),
                false,
                InstanceStatus.UpstreamSetting.of(""),
                Optional.empty()),
            false,
            List.of(),
            List.of()),
        false);
  }
}
