package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FencePolicyTest {
  private static final LeaseView VACANT = new LeaseView.Vacant(Optional.empty());
  private static final Instance STANDBY =
      HaPolicySpace.standby("7", new Position(1, new Lsn(1)), Optional.empty(), Duration.ZERO);
  private static final Instance PRIMARY = new Instance.Primary("7", new Position(1, new Lsn(1)));

  private static LeaseView mine(Duration until, Optional<SyncSet> sync) {
    var it = HaPolicySpace.record(Optional.empty());
    var record =
        new ClusterRecord(
            it.term(),
            it.leader(),
            it.elected(),
            it.timeline(),
            it.voters(),
            it.outgoing(),
            sync,
            it.history(),
            it.ttlMs(),
            it.systemIdentifier(),
            it.config());
    return new LeaseView.Mine(new Ballot(5, HaPolicySpace.ME, StoreId.UNKNOWN), until, record);
  }

  @Test
  void aStandbyRunsWithoutADeadline() {
    assertThat(FencePolicy.order(VACANT, STANDBY, Optional.empty()))
        .isEqualTo(new FencePolicy.Order.LetRun());
  }

  @Test
  void theDeadlineOfAPrimaryIsNeverLifted() {
    assertThat(FencePolicy.order(VACANT, PRIMARY, Optional.empty()))
        .isEqualTo(new FencePolicy.Order.Nothing());
  }

  @Test
  void theLeaseMayOutlastTheDeadlineInSynchronousModeOnly() {
    var until = Duration.ofSeconds(100);

    assertThat(FencePolicy.order(mine(until, Optional.empty()), PRIMARY, Optional.empty()))
        .isEqualTo(new FencePolicy.Order.StopBefore(until, Duration.ofSeconds(5), Duration.ZERO));
    var alone = new SyncSet(Set.of(new Incarnation(HaPolicySpace.ME, 1)), 1);
    assertThat(FencePolicy.order(mine(until, Optional.of(alone)), PRIMARY, Optional.empty()))
        .isEqualTo(
            new FencePolicy.Order.StopBefore(
                until, Duration.ofSeconds(5), Duration.ofMillis(2950)));
  }

  @ParameterizedTest
  @EnumSource(names = {"INITIALISE", "START_PRIMARY", "PROMOTE"})
  void aStandbyThatMayBeBecomingPrimaryKeepsItsDeadline(Operation operation) {
    assertThat(FencePolicy.order(VACANT, STANDBY, Optional.of(operation)))
        .isEqualTo(new FencePolicy.Order.Nothing());
  }
}
