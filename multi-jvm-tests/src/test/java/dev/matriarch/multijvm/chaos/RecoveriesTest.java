package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.fault.FaultKind;
import dev.matriarch.multijvm.chaos.fault.Strike;
import dev.matriarch.multijvm.chaos.fault.Struck;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecoveriesTest {
  private static StrikeReport strike(FaultKind kind) {
    var strike = new Strike(kind, Strike.Whom.PRIMARY, Duration.ZERO, Duration.ofSeconds(1), 0);
    return new StrikeReport(
        strike, new Struck.Done(Optional.of("node1"), "", Duration.ZERO, () -> {}), 0, 1);
  }

  private static RoundReport round(int number, double outage, FaultKind... kinds) {
    return new RoundReport(
        number,
        Stream.of(kinds).map(RecoveriesTest::strike).toList(),
        0,
        1,
        Duration.ofMillis(Math.round(outage * 1000)),
        Duration.ofMillis(500),
        Duration.ofSeconds(10),
        "");
  }

  @Test
  void theTableHasMedianAndWorstOfEachKind() {
    var table =
        Recoveries.of(
                List.of(
                    round(1, 1, FaultKind.LINK_DOWN),
                    round(2, 5, FaultKind.LINK_DOWN),
                    round(3, 2, FaultKind.LINK_DOWN),
                    round(4, 7, FaultKind.HOST_FROZEN)))
            .table();
    assertThat(table.lines())
        .hasSize(4)
        .contains(
            "| link-down of primary | 3 | 2.0 | 5.0 | 0.5 | 0.5 | 10.0 | 10.0 |",
            "| host-frozen of primary | 1 | 7.0 | 7.0 | 0.5 | 0.5 | 10.0 | 10.0 |");
  }

  @Test
  void roundsOfSeveralFaultsAreCountedTogether() {
    var rounds =
        List.of(
            round(1, 1, FaultKind.LINK_DOWN, FaultKind.AGENT_KILLED),
            round(2, 3, FaultKind.HOST_FROZEN, FaultKind.DISK_FULL));
    assertThat(Recoveries.of(rounds).table()).contains("| 2 at a time | 2 | 2.0 | 3.0 |");
  }

  @Test
  void aFaultThatWasNotDoneHasNoTimes() {
    var moot =
        new StrikeReport(strike(FaultKind.RESTART).strike(), new Struck.NotSupported("no"), 0, 1);
    var round =
        new RoundReport(1, List.of(moot), 0, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO, "");
    assertThat(Recoveries.of(List.of(round)).kinds()).isEmpty();
  }

  @Test
  void thePictureHasAMarkForEachTimeAndIsWellFormed() throws Exception {
    var recoveries =
        Recoveries.of(List.of(round(1, 1, FaultKind.LINK_DOWN), round(2, 400, FaultKind.MUTE)));
    var svg = RecoveryPicture.svg("a < b & c", recoveries);
    var document =
        javax.xml.parsers.DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new java.io.ByteArrayInputStream(
                    svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    // Three in the legend.
    assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(3 + 2 * 3);
    assertThat(svg).isEqualTo(RecoveryPicture.svg("a < b & c", recoveries));
  }

  @Test
  void theAxisIsLogarithmic() {
    var tenth = Double.parseDouble(RecoveryPicture.x(0.1));
    var one = Double.parseDouble(RecoveryPicture.x(1));
    var ten = Double.parseDouble(RecoveryPicture.x(10));
    assertThat(one - tenth).isCloseTo(ten - one, org.assertj.core.data.Offset.offset(0.2));
  }
}
