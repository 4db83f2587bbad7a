package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AttentionTest {
  private final Attention attention = new Attention();

  private boolean lost(int unread, int atMillis) {
    return attention.isLostAt(unread, Duration.ofMillis(atMillis));
  }

  @Test
  void whatStaysUnreadIsLostAfterAWhile() {
    attention.spoken(Duration.ofSeconds(1));

    assertThat(lost(5, 1100)).isFalse();
    assertThat(lost(5, 1200)).isFalse();
    assertThat(lost(5, 1499)).isFalse();
    assertThat(lost(5, 1500)).isTrue();
  }

  @Test
  void aReaderThatReadsBetweenIsThere() {
    for (var now = 1000; now < 5000; now += 400) {
      attention.spoken(Duration.ofMillis(now));
      assertThat(lost(5, now + 100)).isFalse();
      assertThat(lost(0, now + 200)).isFalse();
    }
  }

  @Test
  void afterAPauseOfTheWholeHostTheReaderGetsItsTurn() {
    attention.spoken(Duration.ofSeconds(1));

    assertThat(lost(5, 60_000)).isFalse();
    assertThat(lost(5, 60_001)).isFalse();
    assertThat(lost(5, 60_100)).isFalse();
    assertThat(lost(0, 60_150)).isFalse();
    assertThat(lost(5, 60_200)).isFalse();
  }

  @Test
  void anErrorSaysNothing() {
    attention.spoken(Duration.ofSeconds(1));

    assertThat(lost(-9, 9000)).isFalse();
  }
}
