package dev.matriarch.multijvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private static Run run(Scenario scenario, Outcome outcome) {
    return new Run(scenario, 1, Instant.EPOCH, 0.5, outcome);
  }

  private static Run switchover(double gap, double outage) {
    return run(
        Scenario.SWITCHOVER,
        new Outcome.Measured(
            "node1",
            "node2",
            Map.of(
                Figure.NEW_PRIMARY, 100.0,
                Figure.WRITE_GAP, gap,
                Figure.CLIENT_OUTAGE, outage,
                Figure.FIRST_REPLICA, 50.0,
                Figure.DOUBLY_ACKNOWLEDGED, 0.0,
                Figure.OVERLAP, 0.0,
                Figure.LOST, 0.0),
            Map.of()));
  }

  // --- summaries --------------------------------------------------------------------------------

  @Test
  void theMedianOfAnOddNumberIsTheOneInTheMiddle() {
    assertThat(Summary.of(List.of(9.0, 1.0, 2.0), Figure.LOST.order()))
        .hasValue(new Summary(3, 2, 9));
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
    assertThat(Summary.of(List.of(4.0, 1.0, 10.0, 2.0), Figure.LOST.order()))
        .hasValue(new Summary(4, 3, 10));
  }

  @Test
  void ofWhatIsGoodTheSmallestIsTheWorst() {
    assertThat(Summary.of(List.of(9.0, 1.0, 2.0), Figure.TRANSACTIONS.order()))
        .hasValue(new Summary(3, 2, 1));
  }

  @Test
  void nothingHasNoSummary() {
    assertThat(Summary.of(List.of(), Figure.LOST.order())).isEmpty();
  }

  // --- goals ------------------------------------------------------------------------------------

  @Test
  void medianAndWorstHaveGoalsOfTheirOwn() {
    var results = new Results(Mode.QUORUM);
    results.add(switchover(100, 100));
    results.add(switchover(120, 120));
    results.add(switchover(790, 810));
    assertThat(results.misses(Scenario.SWITCHOVER, Figure.WRITE_GAP)).isFalse();
    assertThat(results.misses(Scenario.SWITCHOVER, Figure.CLIENT_OUTAGE)).isTrue();
    results.add(switchover(700, 100));
    assertThat(results.misses(Scenario.SWITCHOVER, Figure.WRITE_GAP)).isTrue();
    assertThat(results.good()).isFalse();
  }

  @Test
  void whatNeverHappenedMissesItsGoal() {
    var results = new Results(Mode.QUORUM);
    results.add(
        run(
            Scenario.AGENT_KILLED,
            new Outcome.Measured("node1", "node2", Map.of(Figure.NEW_PRIMARY, 900.0), Map.of())));
    assertThat(results.misses(Scenario.AGENT_KILLED, Figure.NEW_PRIMARY)).isFalse();
    assertThat(results.misses(Scenario.AGENT_KILLED, Figure.OLD_CUT_OFF)).isTrue();
    assertThat(results.table()).contains("0 of 1", "never", "**missed**");
  }

  @Test
  void onlyAnAsynchronousPrimaryMayTakeRowsAlong() {
    assertThat(Goals.of(Scenario.DEAD_HOST, Mode.OFF, Figure.LOST)).isEmpty();
    assertThat(Goals.of(Scenario.DEAD_HOST, Mode.QUORUM, Figure.LOST)).isPresent();
    assertThat(Goals.of(Scenario.SWITCHOVER, Mode.OFF, Figure.LOST)).isPresent();
  }

  // --- table ------------------------------------------------------------------------------------

  @Test
  void theTableHasALineForEachFigureAndOneForWhatWasNotMeasured() {
    var results = new Results(Mode.OFF);
    results.add(switchover(101.4, 120));
    results.add(
        run(
            Scenario.DEAD_HOST,
            new Outcome.Failed("waited in vain" + System.lineSeparator() + "x")));
    assertThat(results.table().lines().map(it -> it.replaceAll(" +", " ")))
        .startsWith(
            "| scenario | figure | n | median | worst | goal | |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            "| dead-host | failed, see below | 1 | | | | **failed** |",
            "| switchover | new primary accepts writes | 1 | 100 ms | 100 ms | | |")
        .contains(
            "| switchover | nobody's write acknowledged | 1 | 101 ms | 101 ms | ≤ 300 ms, ≤ 800 ms"
                + " | ok |");
    assertThat(results.notes()).containsExactly("dead-host: failed: waited in vain");
    assertThat(results.good()).isFalse();
  }

  @Test
  void whatTheAgentsCannotDoYetIsNoFailure() {
    var results = new Results(Mode.OFF);
    results.add(run(Scenario.SWITCHOVER, new Outcome.NotSupported("POST /switchover: 501")));
    assertThat(results.table()).contains("not supported, see below").doesNotContain("**");
    assertThat(results.notes()).containsExactly("switchover: not supported: POST /switchover: 501");
    assertThat(results.good()).isTrue();
  }
}
