package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.BIN;
import static dev.matriarch.actors.postgres.PgFixture.OS_USER;
import static dev.matriarch.actors.postgres.PgFixture.PATIENCE;
import static dev.matriarch.actors.postgres.PgFixture.awaitStreaming;
import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.actors.postgres.Rewind.Result;
import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RewindTest {
  private PgFixture fixture;
  private Node a;
  private Node b;

  @BeforeEach
  void open() throws Exception {
    fixture = new PgFixture();
    a = fixture.primary("a");
    b = fixture.standby("b", a);
    a.execute("CREATE TABLE t (n int)");
    eventually(() -> b.query("SELECT count(*) FROM pg_class WHERE relname = 't'").equals("1"));
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  /** As after a restart of the host: the number of the killed server is another one's by now. */
  private static void giveNumberTo(Node running, Node killed) throws IOException {
    var lines = new ArrayList<>(Files.readAllLines(killed.dataDir().resolve(PidFile.NAME)));
    lines.set(0, Files.readAllLines(running.dataDir().resolve(PidFile.NAME)).getFirst());
    Files.write(killed.dataDir().resolve(PidFile.NAME), lines);
  }

  @Test
  void crashedAndDivergedPrimaryIsRewoundAndFollows() throws Exception {
    assertThat(b.promote(1, 4)).isInstanceOf(Promote.Result.Promoted.class);
    a.execute("INSERT INTO t SELECT 7 FROM generate_series(1, 1000)");
    b.execute("INSERT INTO t VALUES (1)");
    a.kill();
    giveNumberTo(b, a);
    var own = new IncarnationFile(a.dataDir(), new NodeId("a"));
    PgFixture.assertDone(own.write(7));
    PgFixture.assertDone(new IncarnationFile(b.dataDir(), new NodeId("b")).write(8));

    assertThat(rewind(a, BIN, false, b, 4)).isInstanceOf(Result.Done.class);
    assertThat(own.read()).isEqualTo(new IncarnationFile.Reading.Found(7));
    assertThat(a.mark().isSet()).isTrue();
    a.configure();
    a.follow(b);
    a.start();
    awaitStreaming(a, b);
    a.mark().clear();
    eventually(() -> a.query("SELECT count(*) FROM t").equals("1"));
    assertThat(a.query("SELECT sum(n) FROM t")).isEqualTo("1");
  }

  @Test
  void primaryThatStoppedInOrderNeedsNoRewindAndFollows() throws Exception {
    a.stop();
    assertThat(b.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
    b.execute("INSERT INTO t VALUES (1)");
    assertThat(rewind(a, BIN, false, b, 2)).isEqualTo(new Result.NotRequired());
    assertThat(a.mark().isSet()).isFalse();
    a.follow(b);
    a.start();
    awaitStreaming(a, b);
    eventually(() -> a.query("SELECT count(*) FROM t").equals("1"));
  }

  @Test
  void sourceThatIsNotReadyLeavesEverythingAsItIs() throws Exception {
    a.stop();
    assertThat(rewind(a, BIN, false, b, 2))
        .isInstanceOfSatisfying(
            Result.TryAgain.class, it -> assertThat(it.why()).contains("not a primary"));
    assertThat(b.promote(1, 3)).isInstanceOf(Promote.Result.Promoted.class);
    assertThat(rewind(a, BIN, false, b, 4))
        .isInstanceOfSatisfying(
            Result.TryAgain.class, it -> assertThat(it.why()).contains("timeline 3, not 4"));
    b.kill();
    assertThat(rewind(a, BIN, false, b, 3)).isInstanceOf(Result.TryAgain.class);
    assertThat(a.mark().isSet()).isFalse();
  }

  @Test
  void runningPostgresIsNeverRewound() throws Exception {
    assertThat(b.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
    assertThat(rewind(a, BIN, false, b, 2))
        .isInstanceOfSatisfying(
            Result.TryAgain.class, it -> assertThat(it.why()).contains("PostgreSQL runs"));
  }

  @Test
  void otherClusterCannotBeRewound() throws Exception {
    var other = fixture.primary("other");
    other.execute("CREATE TABLE mine (n int)");
    other.stop();
    assertThat(b.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
    assertThat(rewind(other, BIN, false, b, 2))
        .isInstanceOfSatisfying(
            Result.Cannot.class, it -> assertThat(it.why()).contains("different systems"));
    assertThat(other.mark().isSet()).isFalse();
    other.start();
    assertThat(other.query("SELECT count(*) FROM mine")).isEqualTo("0");
  }

  @Test
  void missingLogIsFetchedFromTheArchive() throws Exception {
    var archive = Files.createDirectory(a.home().resolve("archive"));
    PgFixture.own(archive);
    a.stop();
    a.configure(
        "wal_keep_size = 0",
        "archive_mode = on",
        "archive_command = 'cp %%p %s/%%f'".formatted(archive),
        "restore_command = 'cp %s/%%f %%p'".formatted(archive));
    a.start();
    assertThat(b.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
    var fork = a.query("SELECT pg_walfile_name(pg_current_wal_lsn())");
    eventually(() -> {
      a.execute("INSERT INTO t SELECT 7 FROM generate_series(1, 1000)");
      a.execute("SELECT pg_switch_wal()");
      a.execute("CHECKPOINT");
      return Files.notExists(a.dataDir().resolve("pg_wal").resolve(fork));
    });
    a.stop();
    assertThat(rewind(a, BIN, false, b, 2)).isInstanceOf(Result.Cannot.class);
    assertThat(rewind(a, BIN, true, b, 2)).isInstanceOf(Result.Done.class);
  }

  @Test
  void rewindThatEndsHalfWayLeavesTheDirectoryMarked() throws Exception {
    a.stop();
    assertThat(b.promote(1, 2)).isInstanceOf(Promote.Result.Promoted.class);
    var dying = Files.createDirectory(a.home().resolve("bin"));
    var script = dying.resolve("pg_rewind");
    Files.writeString(
        script,
        """
        #!/bin/sh
        echo 'pg_rewind: rewinding from last common checkpoint at 0/2000060 on timeline 1' >&2
        echo 'pg_rewind: error: could not write file: No space left on device' >&2
        exit 1
        """);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(rewind(a, dying, false, b, 2)).isInstanceOf(Result.Broken.class);
    assertThat(a.mark().isSet()).isTrue();
    assertThat(a.mark().describe()).contains("rewind of " + a.dataDir());
    // Not even a good pg_rewind repairs that.
    assertThat(rewind(a, BIN, false, b, 2)).isInstanceOf(Result.Broken.class);
  }

  private static Result rewind(Node target, Path bin, boolean restore, Node source, int timeline) {
    return new Rewind(bin, OS_USER, target.dataDir(), target.mark(), Optional.empty(), restore)
        .from(new Rewind.Source(source.endpoint(), PgFixture.REWIND, timeline), PATIENCE);
  }
}
