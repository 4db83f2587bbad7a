package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What PostgreSQL does by itself, and why a standby is not told to follow before it is measured.
 */
@ExtendWith(ServerLogsOnFailure.class)
class DivergedStandbyTest {
  @Test
  void aStandbyAheadOfTheForkConfirmsCommitsThatItCannotHave() throws Exception {
    try (var pair = new FencedPair();
        var ahead = pair.another("c")) {
      var old = pair.primary;
      var next = pair.standby.node;
      var fork = pair.standby.fenced().position();
      old.execute("CREATE TABLE more AS SELECT generate_series(1, 20000) AS n");
      var end = Lsn.parse(old.query("SELECT pg_current_wal_flush_lsn()"));
      eventually(() -> ahead.replayed().compareTo(end) >= 0);
      old.kill();
      assertThat(next.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
      try (var writer = new SyncWriter(next, "c")) {
        eventually(() -> isWaiting(next));
        var unconfirmed = writer.acknowledged().row();

        ahead.release(next);

        eventually(() -> writer.acknowledged().row() > unconfirmed);
        assertThat(writer.acknowledged().at()).isBetween(fork.lsn(), end);
        assertThat(ahead.position().timeline()).isEqualTo(1);
        assertThat(ahead.node.query("SELECT to_regclass('written') IS NULL")).isEqualTo("t");
      }
    }
  }

  private static boolean isWaiting(PgFixture.Node primary) throws Exception {
    return primary
        .query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        .equals("1");
  }
}
