package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FencePolicyTest {
  private static final LeaseView VACANT = new LeaseView.Vacant(Optional.empty());
  private static final Instance STANDBY =
      HaPolicySpace.standby("7", new Position(1, new Lsn(1)), Optional.empty(), Duration.ZERO);
  private static final Instance PRIMARY = new Instance.Primary("7", new Position(1, new Lsn(1)));

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

  @ParameterizedTest
  @EnumSource(names = {"INITIALISE", "START_PRIMARY", "PROMOTE"})
  void aStandbyThatMayBeBecomingPrimaryKeepsItsDeadline(Operation operation) {
    assertThat(FencePolicy.order(VACANT, STANDBY, Optional.of(operation)))
        .isEqualTo(new FencePolicy.Order.Nothing());
  }
}
