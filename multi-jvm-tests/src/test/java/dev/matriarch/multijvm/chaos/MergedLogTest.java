package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class MergedLogTest {
  private static final Instant BEGIN = Instant.parse("2026-01-02T12:00:00Z");

  private static MergedLog log() {
    return new MergedLog(ZoneOffset.UTC, BEGIN);
  }

  @Test
  void linesOfAllLogsAreInTheOrderOfTime() {
    var merged = log();
    merged.add(
        "one",
        List.of("2026-01-02 12:00:01,000 a", "2026-01-02 12:00:03,000 c"),
        JumpingClock.right());
    merged.add("other", List.of("2026-01-02 12:00:02.000 UTC b"), JumpingClock.right());
    assertThat(merged.lines())
        .containsExactly(
            "12:00:01.000 one   | a", "12:00:02.000 other | b", "12:00:03.000 one   | c");
  }

  @Test
  void aLineThatGoesOnStaysWithItsBeginning() {
    var merged = log();
    merged.add(
        "one",
        List.of("2026-01-02 12:00:01,000 a", "\tat b", "2026-01-02 12:00:03,000 c"),
        JumpingClock.right());
    merged.add("two", List.of("2026-01-02 12:00:02,000 d"), JumpingClock.right());
    assertThat(merged.lines().map(it -> it.substring(it.length() - 1)))
        .containsExactly("a", "b", "d", "c");
  }

  @Test
  void whatWasBeforeTheBeginningIsLeftOut() {
    var merged = log();
    merged.add(
        "one",
        List.of("2026-01-02 11:59:59,999 a", "2026-01-02 12:00:00,000 b"),
        JumpingClock.right());
    assertThat(merged.lines()).containsExactly("12:00:00.000 one | b");
  }

  @Test
  void theTimesOfAClockThatJumpedAreSetRight() {
    var merged = log();
    var clock =
        new JumpingClock(
            List.of(
                new JumpingClock.Jump(
                    BEGIN.plusSeconds(5), BEGIN.plusSeconds(9), Duration.ofHours(25))));
    merged.add(
        "one",
        List.of(
            "2026-01-02 12:00:04,000 a", "2026-01-03 13:00:07,000 b", "2026-01-02 12:00:11,000 c"),
        clock);
    assertThat(merged.lines())
        .containsExactly("12:00:04.000 one | a", "12:00:07.000 one | b", "12:00:11.000 one | c");
  }
}
