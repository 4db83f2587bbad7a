package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.check.Mode;
import dev.matriarch.multijvm.chaos.fault.FaultKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void theCommandToReplaySaysAllThatTheScheduleDependsOn() {
    var settings =
        new Settings(
            17,
            Mode.ON,
            new Members(5, 2),
            Duration.ofMinutes(9),
            3,
            100,
            2,
            List.of(FaultKind.LINK_DOWN, FaultKind.AGENT_KILLED),
            new TreeMap<>(Map.of("ttl", "7")));
    assertThat(settings.replay(12))
        .isEqualTo(
            "multi-jvm-tests/chaos --minutes 9 --seed 17 --nodes 5 --mode on --overlap 2"
                + " --witnesses 2 --first 3 --rounds 10 --faults agent-killed,link-down --set"
                + " ttl=7");
  }

  @Test
  void allFaultsAreNotNamed() {
    assertThat(Settings.of(1, Mode.QUORUM, new Members(3, 0), Duration.ofMinutes(1)).replay(4))
        .doesNotContain("--faults")
        .endsWith("--first 1 --rounds 4");
  }

  @Test
  void eachModeIsFoundByItsOption() {
    assertThat(Stream.of(Mode.values()))
        .allSatisfy(it -> assertThat(Modes.of(Modes.option(it))).contains(it));
    assertThat(Modes.of("sometimes")).isEmpty();
  }

  @Test
  void ofFiveMembersTwoMayBeLostAtAMoment() {
    var settings = Settings.of(1, Mode.STRICT, new Members(5, 0), Duration.ofMinutes(1)).cluster();
    assertThat(settings.dynamic())
        .containsEntry("synchronous_mode", "quorum")
        .containsEntry("synchronous_mode_strict", "true")
        .containsEntry("synchronous_node_count", "2");
  }

  @Test
  void aWitnessIsNoCopy() {
    assertThat(new Members(3, 1).copies()).isEqualTo(1);
    assertThat(new Members(5, 1).copies()).isEqualTo(2);
    assertThat(new Members(5, 2).copies()).isEqualTo(2);
    assertThat(new Members(7, 3).copies()).isEqualTo(3);
    assertThat(new Members(4, 2).copies()).isEqualTo(1);
  }

  @Test
  void strictlySynchronousMembersThatAreAllNeededCannotMissOne() {
    assertThat(new Members(3, 1).canMissOne(Mode.STRICT)).isFalse();
    assertThat(new Members(3, 0).canMissOne(Mode.STRICT)).isTrue();
    assertThat(new Members(3, 1).canMissOne(Mode.QUORUM)).isTrue();
  }

  @Test
  void noBoundForAnOutageIsShorterThanALeaseAndAnElection() {
    assertThat(FaultKind.values())
        .allSatisfy(it ->
            assertThat(Bounds.outage(it))
                .isGreaterThan(Bounds.LEASE.multipliedBy(2))
                .isLessThanOrEqualTo(Bounds.WRITABLE));
  }
}
