package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ControlDataTest {
  private static final String STANDBY =
      """
      pg_control version number:            1300
      Database system identifier:           18446744073709551615
      Database cluster state:               in archive recovery
      pg_control last modified:             Sat 21 Nov 2026 09:20:08 PM UTC
      Latest checkpoint location:           1/5000098
      Latest checkpoint's REDO location:    1/5000060
      Latest checkpoint's TimeLineID:       3
      Minimum recovery ending location:     1/6000148
      Min recovery ending loc's timeline:   4
      wal_level setting:                    logical
      wal_log_hints setting:                on
      max_connections setting:              200
      max_worker_processes setting:         9
      max_wal_senders setting:              11
      max_prepared_xacts setting:           1
      max_locks_per_xact setting:           65
      Data page checksum version:           0
      """;

  private static String reason(ControlData.Reading reading) {
    return switch (reading) {
      case ControlData.Reading.Read(var data) -> throw new AssertionError(data.toString());
      case ControlData.Reading.Unreadable(var reason) -> reason;
    };
  }

  @Test
  void aStandbysControlFileIsUnderstood() {
    assertThat(ControlData.parse(STANDBY))
        .isInstanceOfSatisfying(
            ControlData.Reading.Read.class,
            read -> {
              var data = read.data();
              assertThat(data.systemIdentifier()).isEqualTo("18446744073709551615");
              assertThat(data.state()).isEqualTo(ControlData.State.IN_ARCHIVE_RECOVERY);
              assertThat(data.state().isUncleanPrimary()).isFalse();
              assertThat(data.checkpoint()).isEqualTo(new Position(3, Lsn.parse("1/5000098")));
              assertThat(data.checkpointRedo()).isEqualTo(Lsn.parse("1/5000060"));
              assertThat(data.minimumRecoveryEnd())
                  .contains(new Position(4, Lsn.parse("1/6000148")));
              assertThat(data.walLogHints()).isTrue();
              assertThat(data.dataChecksums()).isFalse();
              assertThat(data.walLevel()).isEqualTo("logical");
              assertThat(data.limits())
                  .containsEntry("max_prepared_transactions", 1)
                  .containsEntry("max_locks_per_transaction", 65);
            });
  }

  @Test
  void aDamagedControlFileIsNotBelieved() {
    var warning = "WARNING: Calculated CRC checksum does not match value stored in file.\n";

    assertThat(reason(ControlData.parse(warning + STANDBY))).contains("damaged");
    assertThat(reason(ControlData.parse(STANDBY.replace("in archive recovery", "what?"))))
        .contains("unknown cluster state");
    assertThat(reason(ControlData.parse(""))).contains("there is no line");
  }

  @Test
  void aDirectoryWithoutOneIsSaidSo() {
    var nowhere = Path.of("/nonexistent");

    assertThat(reason(ControlData.read(TestInstance.BINARIES, OsUser.of(nowhere), nowhere)))
        .contains("pg_controldata exited with 1");
  }
}
