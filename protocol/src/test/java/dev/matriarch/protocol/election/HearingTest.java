package dev.matriarch.protocol.election;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HearingTest {
  private static final Duration SUSPICION = Duration.ofMillis(500);
  private final Hearing fresh = Hearing.since(at(0)).heard(at(100), Optional.empty());

  @Test
  void aLeaderIsLostAfterTheSuspicionTime() {
    assertThat(fresh.lostAt(at(599), SUSPICION)).isFalse();
    assertThat(fresh.lostAt(at(600), SUSPICION)).isTrue();
  }

  @Test
  void aRoughLinkEarnsHalfAsMuchMoreThanItsWidestGap() {
    var rough = fresh.heard(at(700), Optional.empty());
    assertThat(rough.lostAt(at(700 + 899), SUSPICION)).isFalse();
    assertThat(rough.lostAt(at(700 + 900), SUSPICION)).isTrue();
  }

  @Test
  void patienceEndsAtFourTimesTheSuspicionTime() {
    var rough = fresh.heard(at(60_000), Optional.empty());
    assertThat(rough.lostAt(at(61_999), SUSPICION)).isFalse();
    assertThat(rough.lostAt(at(62_000), SUSPICION)).isTrue();
  }

  @Test
  void aWideGapFadesAway() {
    var hearing = fresh.heard(at(1_000), Optional.empty());
    for (var ms = 1_100; ms <= 11_000; ms += 100) {
      hearing = hearing.heard(at(ms), Optional.empty());
    }
    assertThat(hearing.lostAt(at(11_500), SUSPICION)).isTrue();
  }

  @Test
  void theTimeWithoutALeaderIsNoGap() {
    var next = fresh.begun(at(9_000)).heard(at(9_100), Optional.empty());
    assertThat(next.lostAt(at(9_600), SUSPICION)).isTrue();
  }

  @Test
  void theTimeSinceTheStartIsNoGap() {
    var first = Hearing.since(at(0)).heard(at(1_500), Optional.empty());
    assertThat(first.lostAt(at(2_000), SUSPICION)).isTrue();
  }

  @Test
  void aLeaderThatGaveUpIsLostAtOnceUntilTheNextIsHeard() {
    var released = fresh.releasedBy(Optional.empty());
    assertThat(released.lostAt(at(100), SUSPICION)).isTrue();
    assertThat(released.begun(at(200)).lostAt(at(300), SUSPICION)).isFalse();
  }

  private static Duration at(long ms) {
    return Duration.ofMillis(ms);
  }
}
