package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class NextTurnTest {
  private final NextTurn next = new NextTurn();

  @Test
  void aTimerIsSetOnceForEachTurn() {
    assertThat(next.timer(ms(1_000), ms(0))).contains(ms(1_000));
    assertThat(next.timer(ms(1_000), ms(10))).isEmpty();
    assertThat(next.timer(ms(990), ms(10))).isEmpty();
    next.turned();
    assertThat(next.timer(ms(1_000), ms(1_001))).contains(ms(1_000));
  }

  @Test
  void whatHappensMakesTheTurnEarlierAndNeverLater() {
    next.timer(ms(1_000), ms(0));
    assertThat(next.timer(ms(200), ms(300))).contains(ms(200));
    assertThat(next.timer(ms(200), ms(400))).isEmpty();
    assertThat(next.timer(ms(1_000), ms(450))).isEmpty();
    assertThat(next.timer(ms(10), ms(450))).contains(ms(10));
  }

  private static Duration ms(long ms) {
    return Duration.ofMillis(ms);
  }
}
