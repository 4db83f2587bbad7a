package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.SyncSettingFile.Reading;
import dev.matriarch.protocol.sync.NamesInUse;
import dev.matriarch.protocol.sync.StandbyNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncSettingFileTest {
  private static final StandbyNames QUORUM =
      new StandbyNames(false, 1, List.of("A \"quoted\", name", "b"));

  @TempDir private Path control;

  @Test
  void everyValueComesBackInOrder() throws IOException {
    var file = new SyncSettingFile(control);
    assertThat(file.read()).isEqualTo(new Reading.Nothing());
    assertThat(file.forConfiguration()).isEmpty();
    for (var inUse :
        List.of(
            NamesInUse.only(StandbyNames.NONE, StandbyNames.NONE),
            NamesInUse.unknown(QUORUM),
            NamesInUse.only(QUORUM, StandbyNames.NONE)
                .with(QUORUM, StandbyNames.HOLD)
                .with(QUORUM, QUORUM))) {
      file.note(inUse);
      assertThat(file.read()).isEqualTo(new Reading.Noted(inUse));
      assertThat(file.forConfiguration()).contains(inUse.newest());
    }
  }

  @Test
  void damagedNoteIsNotTakenForNothing() throws IOException {
    var file = new SyncSettingFile(control);
    file.note(NamesInUse.only(QUORUM, QUORUM));
    var path = control.resolve("synchronous-standby-names");
    var text = Files.readString(path);
    for (var cut = 0; cut < text.length() - 1; cut++) {
      Files.writeString(path, text.substring(0, cut));
      assertThat(file.read()).as("cut at %d", cut).isInstanceOf(Reading.Unreadable.class);
      assertThat(file.forConfiguration()).contains(StandbyNames.HOLD);
    }
    Files.writeString(path, text.replace("settled", "Settled"));
    assertThat(file.read()).isInstanceOf(Reading.Unreadable.class);
  }
}
