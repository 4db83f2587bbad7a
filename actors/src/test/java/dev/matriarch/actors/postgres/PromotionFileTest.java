package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromotionFileTest {
  @TempDir private Path dataDir;

  @Test
  void theLastPromotionIsTold() {
    var file = of("Näme with spaces");
    assertThat(file.read()).isEmpty();
    for (var timeline : new int[] {2, 17}) {
      PgFixture.assertDone(file.write(timeline));
      assertThat(file.read()).contains(timeline);
    }
  }

  @Test
  void whatTheSourceOfACopyWasIsNotTakenOver() {
    PgFixture.assertDone(of("a").write(7));
    assertThat(of("b").read()).isEmpty();
    assertThat(of("a").read()).contains(7);
  }

  @Test
  void aDamagedFileTellsNothing() throws IOException {
    for (var text : new String[] {"", " ", "7", "7 a", "x a\n", "07 a\n", "7 a\n\n", " a\n"}) {
      Files.writeString(dataDir.resolve(PromotionFile.NAME), text);
      assertThat(of("a").read()).as(text).isEmpty();
    }
  }

  @Test
  void aDirectoryInItsPlaceIsSaid() throws IOException {
    Files.createDirectory(dataDir.resolve(PromotionFile.NAME));
    assertThat(of("a").read()).isEmpty();
    assertThat(of("a").write(7)).isInstanceOf(Outcome.Failed.class);
  }

  private PromotionFile of(String node) {
    return new PromotionFile(dataDir, new NodeId(node));
  }
}
