package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** It says what pg_controldata does, or nothing. */
class ControlFileTest {
  private final TestInstance instance;

  ControlFileTest() throws IOException {
    instance = TestInstance.create();
  }

  @AfterEach
  void close() throws IOException {
    instance.close();
  }

  private Path file() {
    return instance.dataDir.resolve("global/pg_control");
  }

  private ControlData printed() {
    return switch (ControlData.printed(TestInstance.BINARIES, instance.user, instance.dataDir)) {
      case ControlData.Reading.Read(var data) -> data;
      case ControlData.Reading.Unreadable(var reason) -> throw new AssertionError(reason);
    };
  }

  private void agrees(ControlData.State state) {
    var printed = printed();
    assertThat(printed.state()).isEqualTo(state);
    assertThat(ControlFile.read(instance.dataDir)).contains(printed);
  }

  @Test
  void itSaysWhatPgControldataSays() throws Exception {
    agrees(ControlData.State.SHUT_DOWN); // by initdb
    instance.primary();
    instance.query("SELECT pg_switch_wal()");
    instance.stop(PgStop.Mode.IMMEDIATE);
    agrees(ControlData.State.IN_PRODUCTION);

    instance.configure(new PgConf.ServerRole.Fenced());
    instance.standby();
    assertThat(instance.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
    instance.stop(PgStop.Mode.IMMEDIATE);
    agrees(ControlData.State.IN_ARCHIVE_RECOVERY);
    assertThat(printed().minimumRecoveryEnd()).isPresent();
  }

  @Test
  void whatDoesNotFitIsLeftToPgControldata() throws Exception {
    var whole = Files.readAllBytes(file());
    for (var at : new int[] {0, 8, 16, 136, 252, 287, 288}) {
      var damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(file(), damaged);
      assertThat(ControlFile.read(instance.dataDir)).as("byte %d", at).isEmpty();
    }
    Files.write(file(), Arrays.copyOf(whole, 100));
    assertThat(ControlFile.read(instance.dataDir)).isEmpty();
    Files.delete(file());
    assertThat(ControlFile.read(instance.dataDir)).isEmpty();
  }
}
