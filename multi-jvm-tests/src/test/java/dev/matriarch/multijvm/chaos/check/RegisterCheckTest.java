package dev.matriarch.multijvm.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.multijvm.chaos.history.Kind;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegisterCheckTest {
  private static final String ONE = "node1";
  private static final String TWO = "node2";

  @Test
  void writesReadsAndSwapsInOrderAreLinearizable() {
    var script =
        new Script()
            .read(ONE, 1, 0, 1, 0, true)
            .write(ONE, 1, 2, 5, 7)
            .read(ONE, 1, 3, 4, 0, true)
            .read(ONE, 1, 6, 7, 7, true)
            .cas(ONE, 1, 8, 9, 7, 8, 8)
            .cas(ONE, 1, 10, 11, 7, 9, 8)
            .endRegister(1, 8);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aConfirmedReadOfWhatWasReplacedIsFoundWithItsProof() {
    var verdict =
        new Script()
            .write(ONE, 1, 0, 1, 7)
            .write(TWO, 2, 2, 3, 8)
            .read(TWO, 2, 4, 5, 7, true)
            .read(TWO, 2, 6, 7, 8, true)
            .endRegister(2, 8)
            .judge(Mode.QUORUM);
    assertThat(verdict.violations())
        .singleElement()
        .satisfies(it -> assertThat(it.rule()).isEqualTo(Rule.REGISTERS_LINEARIZABLE))
        .asString()
        .contains("no order explains the answer", "read register 1, confirmed: it is 7")
        .contains("register 1 := 8")
        .doesNotContain("it is 8");
  }

  @Test
  void anAcknowledgedWriteThatIsGoneAtTheEndIsFound() {
    var verdict =
        new Script()
            .write(ONE, 1, 0, 1, 7)
            .write(ONE, 1, 2, 3, 8)
            .endRegister(1, 7)
            .judge(Mode.QUORUM);
    assertThat(verdict.violations())
        .singleElement()
        .asString()
        .contains("register 1 holds 7 at the end");
  }

  @Test
  void twoSwapsOfTheSameValueAreFound() {
    var script = new Script().cas(ONE, 1, 0, 5, 0, 7, 7).cas(ONE, 1, 1, 6, 0, 8, 8);
    assertThat(script.broken()).containsExactly(Rule.REGISTERS_LINEARIZABLE);
  }

  @Test
  void aSwapThatFindsWhatItExpectedAndDoesNotSwapIsFound() {
    var script =
        new Script().write(ONE, 1, 0, 1, 7).write(ONE, 1, 2, 3, 8).cas(ONE, 1, 4, 5, 8, 9, 7);
    assertThat(script.broken()).containsExactly(Rule.REGISTERS_LINEARIZABLE);
  }

  @Test
  void anUnknownWriteMayTakeEffectLongAfterItsClientHasGivenUp() {
    var script =
        new Script()
            .unknown(ONE, 0, 1, new Kind.RegisterWrite(1, 7))
            .write(ONE, 1, 2, 3, 8)
            .read(ONE, 1, 4, 5, 8, true)
            .read(ONE, 1, 6, 7, 7, true)
            .endRegister(1, 7);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void anUnknownWriteTakesEffectOnceOnly() {
    var script =
        new Script()
            .unknown(ONE, 0, 1, new Kind.RegisterWrite(1, 7))
            .read(ONE, 1, 2, 3, 7, true)
            .write(ONE, 1, 4, 5, 8)
            .read(ONE, 1, 6, 7, 8, true)
            .read(ONE, 1, 8, 9, 7, true);
    assertThat(script.broken()).containsExactly(Rule.REGISTERS_LINEARIZABLE);
  }

  @Test
  void anUnknownSwapNeedsWhatItExpects() {
    var script =
        new Script()
            .unknown(ONE, 0, 1, new Kind.RegisterCas(1, 5, 7))
            .read(ONE, 1, 2, 3, 0, true)
            .read(ONE, 1, 4, 5, 7, true);
    assertThat(script.broken()).containsExactly(Rule.REGISTERS_LINEARIZABLE);
  }

  @Test
  void anUnknownWriteDoesNotTakeEffectBeforeItIsAsked() {
    var script =
        new Script().read(ONE, 1, 0, 1, 7, true).unknown(ONE, 2, 3, new Kind.RegisterWrite(1, 7));
    assertThat(script.broken()).containsExactly(Rule.REGISTERS_LINEARIZABLE);
  }

  @Test
  void registersAreJudgedOneByOne() {
    var script =
        new Script()
            .write(ONE, 1, 0, 1, 7)
            .unknown(ONE, 2, 3, new Kind.RegisterWrite(2, 9))
            .read(ONE, 1, 4, 5, 7, true);
    assertThat(script.broken()).isEmpty();
  }

  // --- asynchronous -----------------------------------------------------------------------------

  @Test
  void aFailOverInAsynchronousModeMayLoseWrites() {
    var script =
        new Script()
            .write(ONE, 1, 0, 1, 7)
            .write(ONE, 1, 2, 3, 8)
            .read(TWO, 2, 10, 11, 7, true)
            .write(TWO, 2, 12, 13, 9)
            .endRegister(2, 9);
    assertThat(script.broken()).containsExactly(Rule.REGISTERS_LINEARIZABLE);
    assertThat(script.broken(Mode.ASYNCHRONOUS)).isEmpty();
  }

  @Test
  void onOneTimelineAsynchronousModeIsLinearizableToo() {
    var script =
        new Script()
            .write(ONE, 1, 0, 1, 7)
            .read(TWO, 2, 10, 11, 7, true)
            .write(TWO, 2, 12, 13, 9)
            .read(TWO, 2, 14, 15, 7, true)
            .endRegister(2, 9);
    assertThat(script.broken(Mode.ASYNCHRONOUS)).containsExactly(Rule.REGISTERS_LINEARIZABLE);
  }

  // --- limits -----------------------------------------------------------------------------------

  @Test
  void aSearchThatWouldNeedTooMuchMemorySaysThatNothingIsDecided() {
    var script = new Script();
    for (var value = 1; value <= 12; value++) {
      script.unknown(ONE, 0, 1, new Kind.RegisterWrite(1, value));
      script.unknown(ONE, 0, 1, new Kind.RegisterCas(1, value, 100 + value));
    }
    script.read(ONE, 1, 2, 3, 0, true).read(ONE, 1, 4, 5, 999, true);
    for (var value = 1; value <= 12; value++) {
      script.read(ONE, 1, 6, 7, 100 + value, true);
    }
    assertThat(RegisterCheck.of(script.evidence(), 1000))
        .singleElement()
        .satisfies(it -> assertThat(it.rule()).isEqualTo(Rule.REGISTERS_DECIDED))
        .asString()
        .contains("register 1 has 38 accesses, of 24 of which");
  }

  // --- plain reads ------------------------------------------------------------------------------

  @Test
  void aPlainReadOnAPrimaryThatWasReplacedMayBeOld() {
    var script =
        new Script()
            .write(ONE, 1, 0, 1, 7)
            .write(TWO, 2, 2, 3, 8)
            .read(ONE, 1, 4, 5, 7, false)
            .endRegister(2, 8);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void aPlainReadMayNotBeOldOnTheServerThatHasAcknowledgedSomethingLater() {
    var script =
        new Script()
            .write(ONE, 1, 0, 1, 7)
            .write(ONE, 1, 2, 3, 8)
            .read(ONE, 1, 4, 5, 7, false)
            .endRegister(1, 8);
    assertThat(script.broken()).containsExactly(Rule.REGISTERS_LINEARIZABLE);
  }

  @Test
  void aPlainReadMayNotFindARegisterEmptyThatWasWritten() {
    var script = new Script().write(ONE, 1, 0, 1, 7).read(ONE, 1, 4, 5, 0, false).endRegister(1, 7);
    assertThat(script.broken()).containsExactly(Rule.REGISTERS_LINEARIZABLE);
  }

  @Test
  void aPlainReadOfAnUnknownWriteIsNotOld() {
    var script =
        new Script()
            .unknown(ONE, 0, 1, new Kind.RegisterWrite(1, 7))
            .write(ONE, 1, 2, 3, 8)
            .read(ONE, 1, 4, 5, 7, false)
            .endRegister(1, 7);
    assertThat(script.broken()).isEmpty();
  }

  @Test
  void readingWhatFailedIsFound() {
    var script =
        new Script().failed(ONE, 0, 1, new Kind.RegisterWrite(1, 7)).read(ONE, 1, 2, 3, 7, false);
    assertThat(script.broken()).containsExactly(Rule.FAILED_IS_ABSENT);
  }

  @Test
  void readingWhatNobodyHasWrittenIsFound() {
    assertThat(new Script().read(ONE, 1, 2, 3, 7, false).broken())
        .containsExactly(Rule.NOTHING_INVENTED);
    assertThat(new Script().endRegister(1, 7).broken()).containsExactly(Rule.NOTHING_INVENTED);
  }

  @Test
  void readingWhatFailedIsFoundAtTheEndOfAnAsynchronousRunToo() {
    var script =
        new Script()
            .failed(ONE, 0, 1, new Kind.RegisterWrite(1, 7))
            .insert(TWO, 2, 2, 3, 1)
            .insert(ONE, 1, 0, 1, 2)
            .read(TWO, 2, 6, 7, 7, true)
            .end("node2", 2, Set.of(1L, 2L), Map.of(1, 7L), 0);
    assertThat(script.broken(Mode.ASYNCHRONOUS)).containsExactly(Rule.FAILED_IS_ABSENT);
  }
}
