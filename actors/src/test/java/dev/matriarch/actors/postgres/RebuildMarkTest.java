package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RebuildMarkTest {
  @TempDir private Path controlDir;

  @Test
  void markOutlivesTheAgentAndSaysWhatWasUnderWay() throws IOException {
    new RebuildMark(controlDir).set(RebuildMark.Work.CLONE, Path.of("/data"));
    var later = new RebuildMark(controlDir);
    assertThat(later.isSet()).isTrue();
    assertThat(later.describe()).startsWith("clone of /data since 2");
    later.clear();
    assertThat(later.isSet()).isFalse();
    later.clear();
  }

  @Test
  void damagedMarkIsStillAMark() throws IOException {
    Files.write(controlDir.resolve("rebuild"), new byte[] {(byte) 0xff});
    var mark = new RebuildMark(controlDir);
    assertThat(mark.isSet()).isTrue();
    assertThat(mark.describe()).contains("cannot be read");
  }
}
