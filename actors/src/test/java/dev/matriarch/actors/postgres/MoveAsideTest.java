package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MoveAsideTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2031, 2, 3, 4, 5, 6);
  private static final String SUFFIX = ".20310203T040506.diverged";

  @TempDir private Path root;
  private Path data;
  private Path wal;

  @BeforeEach
  void makeDataDirectoryWithItsLogElsewhere() throws IOException {
    root = root.toRealPath();
    data = Files.createDirectory(root.resolve("data"));
    wal = Files.createDirectory(root.resolve("wal"));
    Files.writeString(wal.resolve("000000010000000000000001"), "log");
    Files.writeString(data.resolve("PG_VERSION"), "15");
    Files.createSymbolicLink(data.resolve("pg_wal"), wal);
  }

  @Test
  void dataAndLogGetOtherNamesAndStayTogether() throws IOException {
    var place = root.resolve("data" + SUFFIX);
    assertThat(new MoveAside(data).run("diverged", NOW))
        .isEqualTo(new Outcome.Done("%s is now %s".formatted(data, place)));
    assertThat(data).doesNotExist();
    assertThat(place.resolve("PG_VERSION")).hasContent("15");
    assertThat(place.resolve("pg_wal/000000010000000000000001")).hasContent("log");
    assertThat(place.resolve("pg_wal").toRealPath()).isEqualTo(root.resolve("wal" + SUFFIX));
    assertThat(wal).isEmptyDirectory();
  }

  @Test
  void linkToTheDataDirectoryStaysAndLeadsToAnEmptyOne() throws IOException {
    var link = Files.createSymbolicLink(root.resolve("link"), data);
    assertThat(new MoveAside(link).run("diverged", NOW)).isInstanceOf(Outcome.Done.class);
    assertThat(link).isSymbolicLink().isEmptyDirectory();
    assertThat(root.resolve("data" + SUFFIX).resolve("PG_VERSION")).hasContent("15");
  }

  @Test
  void moveThatFailsHalfWayIsTakenBack() throws IOException {
    Files.createDirectory(root.resolve("data" + SUFFIX));
    assertThat(new MoveAside(data).run("diverged", NOW))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).contains("cannot be moved aside"));
    assertThat(data.resolve("PG_VERSION")).hasContent("15");
    assertThat(data.resolve("pg_wal/000000010000000000000001")).hasContent("log");
    assertThat(root.resolve("wal" + SUFFIX)).doesNotExist();
  }

  @Test
  void directoryOfARunningPostgresStays() throws Exception {
    try (var fixture = new PgFixture()) {
      var node = fixture.primary("running");
      assertThat(new MoveAside(node.dataDir()).run("diverged", NOW))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              failed -> assertThat(failed.reason()).contains("PostgreSQL runs"));
      node.kill();
      assertThat(node.dataDir().resolve("postmaster.pid")).exists();
      assertThat(new MoveAside(node.dataDir()).run("diverged", NOW))
          .isInstanceOf(Outcome.Done.class);
    }
  }

  @Test
  void damagedPidFileIsNoPermission() throws IOException {
    Files.writeString(data.resolve("postmaster.pid"), "nonsense");
    assertThat(new MoveAside(data).run("diverged", NOW)).isInstanceOf(Outcome.Failed.class);
    assertThat(data.resolve("PG_VERSION")).exists();
  }
}
