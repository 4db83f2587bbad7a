package dev.matriarch.multijvm.chaos.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinkFaultsTest {
  private static LinkFaults.Way way(int from, int to) {
    return new LinkFaults.Way(from, to);
  }

  @Test
  void aMuteNodeIsHeardByNobodyAndHearsAll() {
    assertThat(LinkFaults.lost(Fault.Shape.MUTE, 2, 3))
        .containsExactlyInAnyOrder(way(2, 1), way(2, 3));
  }

  @Test
  void aDeafNodeHearsNobodyAndIsHeardByAll() {
    assertThat(LinkFaults.lost(Fault.Shape.DEAF, 2, 3))
        .containsExactlyInAnyOrder(way(1, 2), way(3, 2));
  }

  @Test
  void anIsolatedNodeIsCutBothWays() {
    assertThat(LinkFaults.lost(Fault.Shape.ISOLATED, 1, 3))
        .containsExactlyInAnyOrder(way(1, 2), way(1, 3), way(2, 1), way(3, 1));
  }

  @Test
  void aBridgeOfThreeHearsBothWhoDoNotHearEachOther() {
    assertThat(LinkFaults.lost(Fault.Shape.BRIDGE, 2, 3))
        .containsExactlyInAnyOrder(way(1, 3), way(3, 1));
  }

  @Test
  void aBridgeOfFiveStandsBetweenTwoPairs() {
    var lost = LinkFaults.lost(Fault.Shape.BRIDGE, 3, 5);
    assertThat(lost)
        .hasSize(8)
        .allSatisfy(it -> {
          assertThat(it.from()).isNotEqualTo(3);
          assertThat(it.to()).isNotEqualTo(3);
        });
    assertThat(lost).doesNotContain(way(1, 2), way(2, 1), way(4, 5), way(5, 4));
  }

  @Test
  void eachNodeOfARingHearsAMajorityWithItselfAndNoTwoHearTheSame() {
    for (var nodes : Set.of(3, 5, 7)) {
      var lost = LinkFaults.lost(Fault.Shape.RING, 1, nodes);
      var heard =
          IntStream.rangeClosed(1, nodes)
              .mapToObj(to ->
                  IntStream.rangeClosed(1, nodes)
                      .filter(from -> from == to || !lost.contains(way(from, to)))
                      .boxed()
                      .collect(Collectors.toSet()))
              .toList();
      assertThat(heard)
          .doesNotHaveDuplicates()
          .allSatisfy(it -> assertThat(it).hasSize(nodes / 2 + 1));
    }
  }

  @Test
  void inAShatteredNetworkNobodyHearsAnybody() {
    assertThat(LinkFaults.lost(Fault.Shape.SHATTERED, 1, 5)).hasSize(20);
  }
}
