package dev.matriarch.multijvm.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JumpingClockTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  private static Instant at(double seconds) {
    return NOON.plusMillis(Math.round(seconds * 1000));
  }

  private static JumpingClock jump(double from, double until, Duration offset) {
    return new JumpingClock(List.of(new JumpingClock.Jump(at(from), at(until), offset)));
  }

  @Test
  void aRightClockIsBelieved() {
    assertThat(JumpingClock.right().truth(at(5), at(4))).isEqualTo(at(5));
  }

  @Test
  void aStampOfTheWrongHourIsBroughtBack() {
    var clock = jump(10, 20, Duration.ofHours(1));
    assertThat(clock.truth(at(3615), at(14))).isEqualTo(at(15));
    assertThat(clock.truth(at(9), at(8))).isEqualTo(at(9));
    assertThat(clock.truth(at(22), at(20))).isEqualTo(at(22));
  }

  @Test
  void aStampOfAClockThatWentBackIsBroughtForward() {
    var clock = jump(10, 20, Duration.ofSeconds(-3));
    assertThat(clock.truth(at(12), at(11))).isEqualTo(at(15));
  }

  @Test
  void whereAStampMayMeanTwoTimesItIsTheFirstThatIsNotBeforeTheLineAbove() {
    var clock = jump(10, 20, Duration.ofSeconds(-3));
    // Before the jump was noticed, or three seconds later.
    assertThat(clock.truth(at(10.5), at(10.2))).isEqualTo(at(10.5));
    assertThat(clock.truth(at(10.5), at(13))).isEqualTo(at(13.5));
  }

  @Test
  void aStampThatFitsNowhereIsNotBeforeTheLineAbove() {
    assertThat(JumpingClock.right().truth(at(5), at(7))).isEqualTo(at(7));
  }
}
