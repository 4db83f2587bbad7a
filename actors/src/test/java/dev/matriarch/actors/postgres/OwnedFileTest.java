package dev.matriarch.actors.postgres;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnedFileTest {
  @TempDir private Path dataDir = Path.of("");

  @Test
  void noFileIsSeenUnderItsNameBeforeItIsWhole() throws Exception {
    var file = dataDir.resolve("written");
    try (var watch = dataDir.getFileSystem().newWatchService()) {
      var _ = dataDir.register(watch, ENTRY_CREATE);
      assertThat(OwnedFile.replace(file, text("1"), dataDir)).isTrue();
      var seen = watch.poll(10, TimeUnit.SECONDS).pollEvents();
      assertThat(seen)
          .first()
          .satisfies(it -> assertThat(it.context()).hasToString(OwnedFile.UNFINISHED + "written"));
    }
    assertThat(dataDir).isDirectoryContaining(file::equals);
    assertThat(file).hasContent("1");
  }

  @Test
  void whatAnAgentLeftThatWasKilledIsWrittenOver() throws IOException {
    Files.writeString(dataDir.resolve(OwnedFile.UNFINISHED + "written"), "half");
    var file = Files.writeString(dataDir.resolve("written"), "1");
    assertThat(OwnedFile.replace(file, text("2"), dataDir)).isTrue();
    assertThat(OwnedFile.replace(file, text("2"), dataDir)).isFalse();
    assertThat(file).hasContent("2");
    assertThat(dataDir).isDirectoryNotContaining("glob:**" + OwnedFile.UNFINISHED + "*");
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
