package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.IncarnationFile.Reading;
import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncarnationFileTest {
  @TempDir private Path dataDir;

  @Test
  void numberIsKeptAndReplaced() throws IOException {
    var file = of("Näme with spaces");
    assertThat(file.read()).isInstanceOf(Reading.Unknown.class);
    assertThat(file.read().report()).contains(IncarnationFile.NONE);
    for (var number : new long[] {1, -1, Long.MIN_VALUE}) {
      PgFixture.assertDone(file.write(number));
      assertThat(file.read()).isEqualTo(new Reading.Found(number));
      assertThat(file.read().report()).contains(number);
    }
    IncarnationFile.remove(dataDir);
    assertThat(file.read()).isInstanceOf(Reading.Unknown.class);
  }

  @Test
  void numberOfACopiedDirectoryIsNotTakenOver() {
    PgFixture.assertDone(of("a").write(7));
    assertThat(of("b").read()).isInstanceOf(Reading.Unknown.class);
    assertThat(of("A").read()).isInstanceOf(Reading.Unknown.class);
    assertThat(of("a").read()).isEqualTo(new Reading.Found(7));
  }

  @Test
  void damagedFileSaysNothing() throws IOException {
    for (var text :
        new String[] {"", "7 a\n", "000000000000000g a\n", "0000000000000007 a", "x".repeat(99)}) {
      Files.writeString(dataDir.resolve(IncarnationFile.NAME), text);
      assertThat(of("a").read()).as(text).isInstanceOf(Reading.Unknown.class);
    }
  }

  @Test
  void diskThatDoesNotSayLeavesItOpen() throws IOException {
    Files.createDirectory(dataDir.resolve(IncarnationFile.NAME));
    assertThat(of("a").read()).isInstanceOf(Reading.Unreadable.class);
    assertThat(of("a").read().report()).isEqualTo(Optional.empty());
    assertThat(of("a").write(7)).isInstanceOf(Outcome.Failed.class);
  }

  private IncarnationFile of(String node) {
    return new IncarnationFile(dataDir, new NodeId(node));
  }
}
