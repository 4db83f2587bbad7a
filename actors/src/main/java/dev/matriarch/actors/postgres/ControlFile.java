package dev.matriarch.actors.postgres;

import dev.matriarch.actors.postgres.ControlData.State;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * {@code global/pg_control} as PostgreSQL 13 to 17 write it on a 64-bit machine ({@code
 * src/include/catalog/pg_control.h}). Starting pg_controldata takes 20 ms on a busy host, several
 * times in each fail-over, while nobody can write.
 *
 * <p>The checksum stands behind the last field, so one that fits proves the layout as well.
 */
final class ControlFile {
  private static final int VERSION = 1300;
  private static final int CHECKSUM_AT = 288;

  /** As DBState numbers them. */
  private static final List<State> STATES =
      List.of(
          State.STARTING_UP,
          State.SHUT_DOWN,
          State.SHUT_DOWN_IN_RECOVERY,
          State.SHUTTING_DOWN,
          State.IN_CRASH_RECOVERY,
          State.IN_ARCHIVE_RECOVERY,
          State.IN_PRODUCTION);

  /** As WalLevel numbers them (xlog.h). */
  private static final List<String> WAL_LEVELS = List.of("minimal", "replica", "logical");

  private final ByteBuffer bytes;

  private ControlFile(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** Empty: not there, of another version or machine, or being written; pg_controldata knows. */
  static Optional<ControlData> read(Path dataDir) {
    byte[] content;
    try (var file = Files.newInputStream(dataDir.resolve("global/pg_control"))) {
      content = file.readNBytes(CHECKSUM_AT + Integer.BYTES);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (content.length < CHECKSUM_AT + Integer.BYTES) {
      return Optional.empty();
    }
    var checksum = new CRC32C();
    checksum.update(content, 0, CHECKSUM_AT);
    var file = new ControlFile(ByteBuffer.wrap(content).order(ByteOrder.nativeOrder()));
    return file.number(8) == VERSION && file.number(CHECKSUM_AT) == (int) checksum.getValue()
        ? file.data()
        : Optional.empty();
  }

  private Optional<ControlData> data() {
    var state = number(16);
    var walLevel = number(172);
    if (state < 0 || state >= STATES.size() || walLevel < 0 || walLevel >= WAL_LEVELS.size()) {
      return Optional.empty();
    }
    var recoveryEnd = new Position(number(144), lsn(136));
    return Optional.of(
        new ControlData(
            Long.toUnsignedString(bytes.getLong(0)),
            STATES.get(state),
            new Position(number(48), lsn(32)),
            lsn(40),
            Optional.of(recoveryEnd).filter(it -> !it.lsn().equals(Lsn.ZERO)),
            bytes.get(176) != 0,
            number(252) != 0,
            WAL_LEVELS.get(walLevel),
            new TreeMap<>(
                Map.of(
                    "max_connections", number(180),
                    "max_worker_processes", number(184),
                    "max_wal_senders", number(188),
                    "max_prepared_transactions", number(192),
                    "max_locks_per_transaction", number(196)))));
  }

  private int number(int at) {
    return bytes.getInt(at);
  }

  private Lsn lsn(int at) {
    return new Lsn(bytes.getLong(at));
  }
}
