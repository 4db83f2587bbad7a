package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.awaitStreaming;
import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.InstanceStatus.Standby;
import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.protocol.ha.Divergence;
import dev.matriarch.protocol.ha.Divergence.LeaderWal;
import dev.matriarch.protocol.ha.Divergence.LocalWal;
import dev.matriarch.protocol.ha.TimelineHistory.Ancestor;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ServerLogsOnFailure.class)
class PromoteTest {
  private PgFixture fixture;
  private Node a;
  private Node b;

  @BeforeEach
  void open() throws Exception {
    fixture = new PgFixture();
    a = fixture.primary("a");
    b = fixture.standby("b", a);
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  @Test
  void promotionTakesTheReservedNumberAndStandbysFollowByReload() throws Exception {
    var c = fixture.standby("c", a);
    a.execute("CREATE TABLE t (n int)");
    a.execute("INSERT INTO t VALUES (1)");
    var caughtUp = replication(a).identifySystem().position();
    eventually(() -> replication(b).identifySystem().position().compareTo(caughtUp) >= 0);
    eventually(() -> replication(c).identifySystem().position().compareTo(caughtUp) >= 0);
    a.kill();

    assertThat(b.promote(1, 4)).isInstanceOf(Promote.Result.Promoted.class);
    b.execute("INSERT INTO t VALUES (2)");
    assertThat(b.timeline()).isEqualTo(4);
    c.followByReload(b);
    awaitStreaming(c, b);
    eventually(() -> c.query("SELECT sum(n) FROM t").equals("3"));
    assertThat(replication(c).identifySystem().position().timeline()).isEqualTo(4);
    assertThat(((Standby) c.status().role()).timeline()).isEqualTo(4);

    var history = replication(b).timelineHistory(4).orElseThrow();
    assertThat(history.ancestors()).extracting(Ancestor::timeline).containsExactly(1);
    assertThat(replication(b).timelineHistory(3).orElseThrow().ancestors()).isEmpty();
    assertThat(replication(b).timelineHistory(5)).isEmpty();
    var former = new LocalWal(Divergence.Origin.REPLICA, caughtUp);
    assertThat(Divergence.judge(former, new LeaderWal(4, history)))
        .isEqualTo(new Divergence.Behind());

    // The files stay where it was promoted; the next start finds nothing to clear.
    PgFixture.assertDone(b.numbers().clear());
    assertThat(b.dataDir().resolve("pg_wal/00000003.history")).isEmptyFile();

    restart(c);
    awaitStreaming(c, b);
    b.kill();
    assertThat(c.promote(4, 5)).isInstanceOf(Promote.Result.Promoted.class);
    assertThat(c.query("SELECT sum(n) FROM t")).isEqualTo("3");
  }

  @Test
  void leftOverNumbersAreClearedBeforeTheNextStart() throws Exception {
    var foreign = Files.createFile(b.dataDir().resolve("pg_wal/00000009.history"));
    PgFixture.assertDone(b.numbers().reserve(1, 4));
    var reserved = b.dataDir().resolve("pg_wal/00000002.history");
    assertThat(reserved).isEmptyFile();
    assertThat(FileOwner.like(reserved)).isEqualTo(FileOwner.like(b.dataDir()));
    b.kill();

    PgFixture.assertDone(b.numbers().clear());
    assertThat(reserved).doesNotExist();
    assertThat(foreign).exists();
    Files.delete(foreign);
    b.start();
    awaitStreaming(b, a);
    assertThat(b.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
  }

  @Test
  void candidateThatCannotPromoteLeavesNoNumbers() throws Exception {
    var lone = a.promote(1, 4);
    assertThat(lone)
        .isInstanceOfSatisfying(
            Promote.Result.NotPromoted.class,
            it -> assertThat(it.why()).contains("not in recovery"));
    assertThat(a.dataDir().resolve("pg_wal/00000002.history")).doesNotExist();
    assertThat(a.timeline()).isEqualTo(1);
  }

  @Test
  void promotionToAnotherNumberThanTheRecordsIsFound() throws Exception {
    b.stop();
    b.configure("restore_command = 'cp %s/%%f %%p'".formatted(b.home()));
    b.start();
    awaitStreaming(b, a);
    // The archive has a number that is nowhere else: PostgreSQL goes past it.
    var archived = b.home().resolve("00000002.history");
    Files.writeString(archived, "");
    PgFixture.own(archived);
    assertThat(b.promote(1, 2)).isEqualTo(new Promote.Result.WrongTimeline("on timeline 3, not 2"));
  }

  @Test
  void usedOrOlderNumbersAreRefused() throws Exception {
    assertThat(b.promote(1, 1)).isInstanceOf(Promote.Result.NotPromoted.class);
    assertThat(b.promote(2, 1)).isInstanceOf(Promote.Result.NotPromoted.class);
    assertThat(b.promote(1, 100_000)).isInstanceOf(Promote.Result.NotPromoted.class);
    Files.writeString(b.dataDir().resolve("pg_wal/00000003.history"), "1\t0/1\tr\n");
    assertThat(b.promote(1, 3))
        .isInstanceOfSatisfying(
            Promote.Result.NotPromoted.class, it -> assertThat(it.why()).contains("used before"));
  }

  private static void restart(Node node) {
    node.stop();
    node.start();
  }

  private static ReplicationProtocol replication(Node node) throws SQLException {
    return new ReplicationProtocol(PgConnection.to(node.endpoint(), PgFixture.REPLICATION));
  }
}
