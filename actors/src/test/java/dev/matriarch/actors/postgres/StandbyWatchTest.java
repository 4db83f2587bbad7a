package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.SyncView.Standby;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandbyWatchTest {
  private static final Incarnation B = new Incarnation(new NodeId("b"), 2);
  private final StandbyWatch watch = new StandbyWatch(Duration.ofMillis(300));

  @Test
  void standbyThatOwesAnAnswerIsSuspectedAfterAWhile() {
    assertThat(look(0, sender(100, 100, "t0")).suspectedSince()).isEmpty();
    // Nothing is sent, so nothing is owed however long it takes.
    assertThat(look(9_000, sender(100, 100, "t0")).suspectedSince()).isEmpty();
    assertThat(look(9_100, sender(200, 100, "t0")).suspectedSince()).isEmpty();
    assertThat(look(9_300, sender(300, 100, "t0")).suspectedSince()).isEmpty();
    assertThat(look(9_400, sender(300, 100, "t0")).suspectedSince()).contains(ms(9_100));
    assertThat(look(9_500, sender(300, 200, "t1")).suspectedSince()).isEmpty();
    assertThat(look(9_700, sender(400, 300, "t2")).suspectedSince()).isEmpty();
  }

  @Test
  void standbyThatIsGoneIsKnownForAWhileAndSuspected() {
    look(0, sender(100, 100, "t0"));
    var gone = watch.look(List.of(), _ -> Tags.NONE, ms(1_000));
    assertThat(gone)
        .containsExactly(
            new Standby(B, false, false, new Lsn(100), Optional.of(ms(1_000)), Tags.NONE));
    assertThat(watch.look(List.of(), _ -> Tags.NONE, ms(2_000)).getFirst().suspectedSince())
        .contains(ms(1_000));
    assertThat(look(2_100, sender(100, 100, "t9")).suspectedSince()).isEmpty();
    watch.look(List.of(), _ -> Tags.NONE, ms(3_000));
    assertThat(watch.look(List.of(), _ -> Tags.NONE, ms(63_000))).isEmpty();
  }

  @Test
  void onlyASlotMakesAMemberAndOthersAreNobody() {
    var stray = new SyncSender(2, "s", name(), "streaming", 1, lsn(9), lsn(9), false, at("t"));
    assertThat(look(0, stray).streaming()).isFalse();
    assertThat(look(1, stray, sender(100, 100, "t0")).confirmed()).isEqualTo(new Lsn(100));
    assertThat(look(2, sender(100, 100, "t0"), stray).streaming()).isTrue();
    var other = new SyncSender(3, "s", "psql", "streaming", 0, lsn(9), lsn(9), true, at("t"));
    assertThat(new StandbyWatch(ms(1)).look(List.of(other), _ -> Tags.NONE, ms(0))).isEmpty();
  }

  @Test
  void standbyThatStillCatchesUpDoesNotStream() {
    var catching = new SyncSender(1, "s", name(), "catchup", 1, lsn(9), lsn(2), true, at("t"));
    assertThat(look(0, catching).streaming()).isFalse();
  }

  private Standby look(long nowMs, SyncSender... senders) {
    var rows = watch.look(List.of(senders), _ -> Tags.NONE, ms(nowMs));
    assertThat(rows).hasSize(1);
    return rows.getFirst();
  }

  private static SyncSender sender(long sent, long flushed, String repliedAt) {
    return new SyncSender(
        1, "s", name(), "streaming", 1, lsn(sent), lsn(flushed), true, at(repliedAt));
  }

  private static Optional<String> at(String time) {
    return Optional.of(time);
  }

  private static Optional<Lsn> lsn(long bytes) {
    return Optional.of(new Lsn(bytes));
  }

  private static String name() {
    return IncarnationName.format(B);
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }
}
