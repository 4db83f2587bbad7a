package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineNumbersTest {
  private static final int WANTED = 300;

  @TempDir Path dir;
  private Path wal;

  @BeforeEach
  void giveAway() throws IOException {
    wal = Files.createDirectories(dir.resolve("data/pg_wal"));
    Files.createDirectory(dir.resolve("control"));
    PgFixture.own(wal);
  }

  /** PostgreSQL ends when it finds a timeline's history that it may not read. */
  @Test
  void numberIsNeverSeenBeforeItIsPostgreSqls() throws Exception {
    assumeTrue(PgFixture.OS_USER.isPresent());
    var owner = FileOwner.like(wal);
    var others = new TreeSet<String>();
    var seen = new TreeSet<String>();
    try (var executor = Executors.newSingleThreadExecutor()) {
      var reserved =
          CompletableFuture.supplyAsync(
              () ->
                  new TimelineNumbers(dir.resolve("data"), dir.resolve("control"))
                      .reserve(1, WANTED),
              executor);
      while (!reserved.isDone()) {
        look(owner, seen, others);
      }
      PgFixture.assertDone(reserved.join());
    }
    look(owner, seen, others);
    assertThat(others).isEmpty();
    assertThat(seen).hasSize(WANTED - 2);
    assertThat(wal).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void fileThatHasComeFromElsewhereIsNotReplaced() throws Exception {
    var file = Files.writeString(wal.resolve("00000002.history"), "1\t0/1\tr\n");
    assertThatThrownBy(() -> DurableFiles.createFor(FileOwner.like(wal), file, ""))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file).hasContent("1\t0/1\tr");
  }

  private void look(FileOwner owner, Set<String> seen, Set<String> others) throws IOException {
    for (var number = 2; number < WANTED; number++) {
      var file = wal.resolve("%08X.history".formatted(number));
      try {
        if (!FileOwner.like(file).equals(owner)) {
          others.add(file.getFileName().toString());
        }
        seen.add(file.getFileName().toString());
      } catch (NoSuchFileException e) {
        return;
      }
    }
  }
}
