package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What readers of the counter see, which nothing else than they can prove. */
class ReadChecksTest {
  // --- one server never goes back ---------------------------------------------------------------

  @Test
  void aReplicaThatIsBehindAndAdvancesIsAsPromised() {
    var script =
        new Script()
            .look("node2", 100, 1, true, 0, 1, 5)
            .look("node3", 100, 1, true, 2, 3, 4)
            .look("node2", 100, 1, true, 4, 5, 5)
            .look("node2", 100, 2, false, 6, 7, 9);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aReplicaThatGoesBackInOneLifeIsFound() {
    var verdict =
        new Script()
            .look("node2", 100, 1, true, 0, 1, 5)
            .look("node2", 100, 1, true, 2, 3, 6)
            .look("node2", 100, 2, true, 4, 5, 5)
            .judge(Mode.ASYNCHRONOUS);
    assertThat(verdict.violations())
        .singleElement()
        .satisfies(it -> assertThat(it.rule()).isEqualTo(Rule.READS_ADVANCE))
        .asString()
        .contains("went back on node2", "it is 6", "it is 5");
  }

  @Test
  void readsThatOverlapMayBeAnsweredInEitherOrder() {
    var script =
        new Script().look("node2", 100, 1, true, 0, 5, 6).look("node2", 100, 1, true, 2, 3, 5);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aNodeThatWasRewoundOrMadeAnewMayBeginEarlier() {
    var script =
        new Script()
            .look("node2", 100, 1, false, 0, 1, 6)
            .look("node2", 200, 2, true, 4, 5, 5)
            .look("node2", 200, 2, false, 6, 7, 5);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aReplicaThatWasStartedAnewMayBeginEarlier() {
    var script =
        new Script().look("node2", 100, 1, true, 0, 1, 6).look("node2", 200, 1, true, 4, 5, 5);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aPrimaryThatRecoversOnItsTimelineHasAllThatItHadShown() {
    var script =
        new Script().look("node1", 100, 1, false, 0, 1, 6).look("node1", 200, 1, false, 4, 5, 5);
    assertThat(script.broken()).containsExactly(Rule.READS_ADVANCE);
  }

  // --- a primary that was replaced falls silent -------------------------------------------------

  private static Script replaced() {
    return new Script().insert("node1", 1, 0, 10, 1).insert("node2", 2, 90, 100, 2);
  }

  /** Every 200 ms. */
  private static void answers(Script script, String node, long from, long until) {
    for (var moment = from; moment <= until; moment += 200) {
      script.look(node, 100, 1, false, moment, moment + 1, 0);
    }
  }

  @Test
  void anOldPrimaryMayAnswerReadersForALittleWhile() {
    var script = replaced();
    answers(script, "node1", 0, 1900);
    var verdict = script.judge(Mode.QUORUM);
    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.oldPrimary()).isBetween(Duration.ofMillis(1500), Duration.ofSeconds(2));
  }

  @Test
  void anOldPrimaryThatGoesOnToAnswerIsFound() {
    var script = replaced();
    answers(script, "node1", 0, 3000);
    assertThat(script.broken()).containsExactly(Rule.OLD_PRIMARY_FALLS_SILENT);
  }

  @Test
  void anOldPrimaryThatIsFoundByReadersOfRegistersIsFoundToo() {
    var script = replaced();
    for (var moment = 200; moment <= 3000; moment += 200) {
      script.read("node1", 1, moment, moment + 1, 0, false);
    }
    assertThat(script.broken()).containsExactly(Rule.OLD_PRIMARY_FALLS_SILENT);
  }

  @Test
  void timeInWhichItsHostIsFrozenDoesNotCount() {
    var script = replaced();
    answers(script, "node1", 0, 1000);
    answers(script, "node1", 30_000, 30_400);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aReplicaMayBeOnAnOldTimelineForLong() {
    var script = replaced();
    for (var moment = 200; moment <= 5000; moment += 200) {
      script.look("node3", 100, 1, true, moment, moment + 1, 0);
    }
    assertThat(script.broken()).isEmpty();
  }
}
