package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FollowGateTest {
  private final FollowGate gate = new FollowGate();

  @Test
  void whoeverComesFirstDecidesForGood() {
    assertThat(gate.close()).isTrue();
    assertThat(gate.mayFollow()).isFalse();
    assertThat(gate.close()).isTrue();
  }

  @Test
  void whatFollowsCannotBeKeptFromIt() {
    assertThat(gate.mayFollow()).isTrue();
    assertThat(gate.close()).isFalse();
    assertThat(gate.mayFollow()).isTrue();
  }
}
