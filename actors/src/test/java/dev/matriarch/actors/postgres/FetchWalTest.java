package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.awaitStreaming;
import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.actors.postgres.StandbyFence.Result.Fenced;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One fenced standby has less than the other, and gets it from there. */
@ExtendWith(ServerLogsOnFailure.class)
class FetchWalTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(600);

  private FencedPair pair;
  private Node a;
  private FencedNode b;
  private FencedNode c;

  @BeforeEach
  void open() throws Exception {
    pair = new FencedPair();
    a = pair.primary;
    b = pair.standby;
    c = pair.another("c");
    a.execute("CREATE TABLE t AS SELECT 1 AS n");
    eventually(() -> c.node.query("SELECT to_regclass('t') IS NOT NULL").equals("t"));
  }

  @AfterEach
  void close() throws Exception {
    c.close();
    pair.close();
  }

  @Test
  void theOtherStandbysLogIsFetchedAndNoMore() throws Exception {
    var behind = c.fenced();
    a.execute("INSERT INTO t SELECT generate_series(2, 20000)");
    var ahead = b.fenced();
    awaitReplayed(b, ahead.position());
    a.execute("INSERT INTO t SELECT generate_series(20001, 20010)");
    assertThat(ahead.position()).isGreaterThan(behind.position());

    var result = fetch(ahead.position(), TIMEOUT);

    var fetched = ((FetchWal.Result.Fetched) result).fenced();
    assertThat(fetched.position()).isEqualTo(ahead.position());
    assertThat(c.node.query("SELECT count(*) FROM t"))
        .isEqualTo(b.node.query("SELECT count(*) FROM t"));
    assertFenced(fetched.position());
    System.out.printf("fetched %s to %s%n", behind.position(), fetched);
  }

  @Test
  void aLaterTimelineIsFetchedToo() throws Exception {
    var behind = c.fenced();
    assertThat(b.node.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
    b.node.execute("INSERT INTO t VALUES (2)");
    var ahead = b.fenced();
    assertThat(ahead.position().timeline()).isEqualTo(2);
    assertThat(behind.position().timeline()).isEqualTo(1);

    var result = fetch(ahead.position(), TIMEOUT);

    assertThat(result).isInstanceOf(FetchWal.Result.Fetched.class);
    assertFenced(ahead.position());
    assertThat(c.node.query("SELECT sum(n) FROM t")).isEqualTo("3");
  }

  @Test
  void whoHoldsEnoughFetchesNothing() throws Exception {
    var own = c.fenced();
    a.execute("INSERT INTO t VALUES (2)");
    var ahead = b.fenced();

    assertThat(fetch(own.position(), TIMEOUT)).isInstanceOf(FetchWal.Result.Fetched.class);
    assertThat(c.position()).isEqualTo(own.position());
    assertThat(ahead.position()).isGreaterThan(own.position());
  }

  @Test
  void whatTheSourceDoesNotHaveIsWaitedForAndThenTheStandbyIsFenced() throws Exception {
    c.fenced();
    a.execute("INSERT INTO t VALUES (2)");
    var ahead = b.fenced();
    var beyond = new Position(1, new Lsn(ahead.position().lsn().bytes() + 1_000_000));

    var result = (FetchWal.Result.NotFetched) fetch(beyond, SHORT);

    assertThat(result.fence()).isInstanceOf(Fenced.class);
    assertFenced(ahead.position());
  }

  @Test
  void aSourceThatIsGoneLeavesTheStandbyFenced() throws Exception {
    var behind = c.fenced();
    a.execute("INSERT INTO t VALUES (2)");
    var ahead = b.fenced();
    b.node.kill();

    assertThat(fetch(ahead.position(), SHORT)).isInstanceOf(FetchWal.Result.NotFetched.class);
    b.node.start();
    assertFenced(behind.position());
  }

  @Test
  void aFetchThatIsCalledOffLeavesTheStandbyFenced() throws Exception {
    c.fenced();
    var ahead = b.fenced();
    var beyond = new Position(1, new Lsn(ahead.position().lsn().bytes() + 1_000_000));
    var asked = new AtomicInteger();

    var result =
        new FetchWal(c.fence, FencedNode.LIMITS)
            .run(c.conninfo(b.node), beyond, () -> asked.incrementAndGet() < 20, TIMEOUT);

    assertThat(result).isInstanceOf(FetchWal.Result.NotFetched.class);
    assertFenced(ahead.position());
  }

  @Test
  void aServerThatIsKilledWhileItFetchesStartsFenced() throws Exception {
    var behind = c.fenced();
    a.execute("INSERT INTO t VALUES (2)");
    var ahead = b.fenced();
    var beyond = new Position(1, new Lsn(ahead.position().lsn().bytes() + 1_000_000));
    var killed = new AtomicInteger();
    var conf = c.node.dataDir().resolve("postgresql.conf");

    // As soon as it streams the disk says that it is fenced.
    var result =
        new FetchWal(c.fence, FencedNode.LIMITS)
            .run(
                c.conninfo(b.node),
                beyond,
                () -> {
                  try {
                    if (Files.readString(conf).contains("application_name=c") || !streams()) {
                      return true;
                    }
                    c.node.kill();
                    c.node.start();
                    assertThat(c.node.query("SHOW primary_conninfo")).isEmpty();
                    killed.incrementAndGet();
                    return false;
                  } catch (IOException | SQLException e) {
                    throw new IllegalStateException(e);
                  }
                },
                TIMEOUT);

    assertThat(result).isInstanceOf(FetchWal.Result.NotFetched.class);
    assertThat(killed).hasValue(1);
    assertThat(behind.position()).isLessThan(ahead.position());
    assertFenced(c.position());
  }

  private boolean streams() throws SQLException {
    return b.node
        .query(
            "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'c' AND state ="
                + " 'streaming'")
        .equals("1");
  }

  private FetchWal.Result fetch(Position until, Duration timeout) throws Exception {
    return new FetchWal(c.fence, FencedNode.LIMITS)
        .run(c.conninfo(b.node), until, () -> true, timeout);
  }

  /** Also when the source goes on, and after a restart. */
  private void assertFenced(Position position) throws Exception {
    assertThat(c.position()).isEqualTo(position);
    if (position.timeline() == 1) {
      b.release(a);
      awaitStreaming(b.node, a);
      a.execute("INSERT INTO t SELECT 0 FROM generate_series(1, 10)");
    }
    c.assertStays(position);
    c.restart();
    c.assertStays(position);
  }

  private static void awaitReplayed(FencedNode standby, Position position) throws Exception {
    eventually(() -> standby.replayed().compareTo(position.lsn()) >= 0);
  }
}
