package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.awaitStreaming;
import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.InstanceStatus.Standby;
import dev.matriarch.actors.postgres.StatusQuery.Answer;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was told once of a standby's position is told as long as its server runs. */
@ExtendWith(ServerLogsOnFailure.class)
class StandbyTimelineTest {
  private PgFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new PgFixture();
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  @Test
  void aStandbyWhosePrimaryDiesSoonAfterItsPromotionStaysOnItsTimeline() throws Exception {
    var old = fixture.primary("a");
    var primary = fixture.standby("b", old);
    var standby = fixture.standby("c", old);
    old.kill();
    assertThat(primary.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
    standby.followByReload(primary);
    awaitStreaming(standby, primary);
    primary.execute("CREATE TABLE t (n int)");
    try (var query =
        new StatusQuery(PgConnection.local(standby.settings()), Duration.ofSeconds(2))) {
      eventually(() -> standby(query).timeline() == 2);
      var told = standby(query).position();
      primary.kill();
      eventually(() -> standby(query).walReceiver().isEmpty());
      assertThat(standby(query).position()).isGreaterThanOrEqualTo(told);
    }
  }

  private static Standby standby(StatusQuery query) {
    return switch (query.ask()) {
      case Answer.Answered(var status) -> (Standby) status.role();
      case Answer.NotAccepting(var why) -> throw new AssertionError(why);
      case Answer.Unreachable(var why) -> throw new AssertionError(why);
      case Answer.TimedOut(var why) -> throw new AssertionError(why);
    };
  }
}
