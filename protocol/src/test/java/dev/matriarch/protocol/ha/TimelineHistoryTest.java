package dev.matriarch.protocol.ha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.matriarch.protocol.ha.TimelineHistory.Ancestor;
import dev.matriarch.protocol.model.Lsn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineHistoryTest {
  private static final String CONTENT =
      """
      # made by hand
      1\t0/3000148\tno recovery target specified

      4\t1/A0\tbefore 2000-01-01 00:00:00+00
      """;

  @Test
  void everyAncestorIsReadWithItsFork() {
    assertThat(TimelineHistory.parse(CONTENT).ancestors())
        .containsExactly(
            new Ancestor(1, Lsn.parse("0/3000148"), "no recovery target specified"),
            new Ancestor(4, Lsn.parse("1/A0"), "before 2000-01-01 00:00:00+00"));
  }

  @Test
  void forkOfAnAncestorIsFoundAndOfAnotherTimelineIsNot() {
    var history = TimelineHistory.parse(CONTENT);
    assertThat(history.forkOf(4)).contains(Lsn.parse("1/A0"));
    assertThat(history.forkOf(2)).isEmpty();
  }

  @Test
  void reservedNumberHasAnEmptyHistory() {
    assertThat(TimelineHistory.parse("")).isEqualTo(TimelineHistory.EMPTY);
  }

  @Test
  void reasonMayBeMissing() {
    assertThat(TimelineHistory.parse("1\t0/10").ancestors())
        .containsExactly(new Ancestor(1, Lsn.parse("0/10"), ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x\t0/1\tr", "1", "0\t0/1\tr", "-1\t0/1\tr", "1\tnowhere\tr", "\\x31"})
  void damagedLineIsRefused(String line) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TimelineHistory.parse(line))
        .withMessageContaining(line);
  }

  @Test
  void numbersThatDoNotRiseAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TimelineHistory.parse("2\t0/1\ta\n2\t0/2\tb\n"))
        .withMessageContaining("do not rise");
  }
}
