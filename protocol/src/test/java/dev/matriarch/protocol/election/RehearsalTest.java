package dev.matriarch.protocol.election;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  @Test
  void itPlaysAFoundingAHandOverAndAFailOver() {
    assertThat(Rehearsal.play(message -> message)).isEqualTo(3);
  }

  @Test
  void whatARealElectionSaysIsSaidInIt() {
    var said = new HashSet<Class<?>>();
    var _ =
        Rehearsal.play(message -> {
          said.add(message.getClass());
          return message;
        });
    assertThat(said)
        .contains(
            ElectionMessage.Beat.class,
            ElectionMessage.Granted.class,
            ElectionMessage.Canvass.class,
            ElectionMessage.Opinion.class,
            ElectionMessage.Prepare.class,
            ElectionMessage.Promise.class,
            ElectionMessage.Accept.class,
            ElectionMessage.Accepted.class,
            ElectionMessage.Release.class);
  }
}
