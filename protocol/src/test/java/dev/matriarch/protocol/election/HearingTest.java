package dev.matriarch.protocol.election;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HearingTest {
  private static final Duration SUSPICION = Duration.ofMillis(500);
  private final Hearing fresh = Hearing.since(at(0)).heard(at(100), Optional.empty(), SUSPICION);

  @Test
  void aLeaderIsLostAfterTheSuspicionTime() {
    assertThat(fresh.lostAt(at(599), SUSPICION)).isFalse();
    assertThat(fresh.lostAt(at(600), SUSPICION)).isTrue();
  }

  @Test
  void aRoughLinkEarnsHalfAsMuchMoreThanItsWidestGap() {
    var rough = heard(fresh, 500);
    assertThat(rough.lostAt(at(500 + 599), SUSPICION)).isFalse();
    assertThat(rough.lostAt(at(500 + 600), SUSPICION)).isTrue();
  }

  @Test
  void gapsThatWidenByHalfAreAllBorne() {
    var starved = fresh;
    for (var gap = 450; gap < 2_000; gap += gap * 2 / 5) {
      var end = starved.lastAt().plusMillis(gap);
      assertThat(starved.lostAt(end, SUSPICION)).as("after %d ms", gap).isFalse();
      starved = starved.heard(end, Optional.empty(), SUSPICION);
    }
  }

  @Test
  void manyGapsOfOneWidthAreBorneAfterAFewAlarms() {
    var starved = fresh;
    var alarms = 0;
    for (var ms = 100 + 1_300; ms < 60_000; ms += 1_300) {
      alarms += starved.lostAt(at(ms), SUSPICION) ? 1 : 0;
      starved = heard(starved, ms);
    }
    assertThat(alarms).isEqualTo(3);
  }

  @Test
  void patienceEndsAtFourTimesTheSuspicionTime() {
    var rough = fresh;
    for (var ms = 60_000; ms <= 300_000; ms += 60_000) {
      rough = heard(rough, ms);
    }
    assertThat(rough.lostAt(at(301_999), SUSPICION)).isFalse();
    assertThat(rough.lostAt(at(302_000), SUSPICION)).isTrue();
  }

  @Test
  void anOutageCountsAsMuchAsWasBorneOfIt() {
    var healed = heard(fresh, 8_100);
    assertThat(healed.lostAt(at(8_100 + 749), SUSPICION)).isFalse();
    assertThat(healed.lostAt(at(8_100 + 750), SUSPICION)).isTrue();
  }

  @Test
  void anOutageIsForgottenThreeSecondsAfterItsEnd() {
    var healed = heard(fresh, 8_100);
    for (var ms = 8_200; ms <= 11_100; ms += 100) {
      healed = heard(healed, ms);
    }
    assertThat(healed.lostAt(at(11_599), SUSPICION)).isFalse();
    assertThat(healed.lostAt(at(11_600), SUSPICION)).isTrue();
  }

  @Test
  void aWideGapFadesAway() {
    var hearing = heard(heard(heard(fresh, 590), 1_290), 2_290);
    assertThat(hearing.lostAt(at(2_290 + 1_499), SUSPICION)).isFalse();
    for (var ms = 2_390; ms <= 12_290; ms += 100) {
      hearing = heard(hearing, ms);
    }
    assertThat(hearing.lostAt(at(12_790), SUSPICION)).isTrue();
  }

  @Test
  void theTimeWithoutALeaderIsNoGap() {
    var next = fresh.begun(at(9_000)).heard(at(9_100), Optional.empty(), SUSPICION);
    assertThat(next.lostAt(at(9_600), SUSPICION)).isTrue();
  }

  @Test
  void theTimeSinceTheStartIsNoGap() {
    var first = Hearing.since(at(0)).heard(at(1_500), Optional.empty(), SUSPICION);
    assertThat(first.lostAt(at(2_000), SUSPICION)).isTrue();
  }

  @Test
  void aLeaderThatGaveUpIsLostAtOnceUntilTheNextIsHeard() {
    var released = fresh.releasedBy(Optional.empty());
    assertThat(released.lostAt(at(100), SUSPICION)).isTrue();
    assertThat(released.begun(at(200)).lostAt(at(300), SUSPICION)).isFalse();
  }

  private static Hearing heard(Hearing hearing, long ms) {
    return hearing.heard(at(ms), Optional.empty(), SUSPICION);
  }

  private static Duration at(long ms) {
    return Duration.ofMillis(ms);
  }
}
