package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Where a guardian lives.
 *
 * @param program the guardian's script
 * @param controlDir holds its pipe, its process number and the logs; the agent's own, since a root
 *     guardian writes there
 * @param dataDir the data directory of the postmaster that it watches
 */
public record GuardianHome(Path program, Path controlDir, Path dataDir) {
  private static final int TAIL_BYTES = 4096;
  private static final long LOG_BYTES_MAX = 1 << 20;

  public GuardianHome {
    controlDir = controlDir.toAbsolutePath();
    dataDir = dataDir.toAbsolutePath();
  }

  /** What the guardian says of itself. */
  Path log() {
    return controlDir.resolve("guardian.log");
  }

  /** What PostgreSQL prints, unless its own logging collector takes over. */
  public Path serverLog() {
    return controlDir.resolve("postgresql.log");
  }

  /** Makes the directory; empty if it is fit for a guardian, else what is wrong. */
  Optional<String> prepare() {
    try {
      if (!Files.isExecutable(program)) {
        return Optional.of(
            "the guardian %s is missing or not executable; the installation is incomplete"
                .formatted(program));
      }
      Files.createDirectories(
          controlDir,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      var owner = (int) Files.getAttribute(controlDir, "unix:uid");
      if (owner != PosixCalls.effectiveUser()) {
        return Optional.of(
            "the directory %s belongs to user number %d and not to the agent's user; give it to the agent or remove it"
                .formatted(controlDir, owner));
      }
      if (Files.exists(log()) && Files.size(log()) > LOG_BYTES_MAX) {
        Files.delete(log());
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("cannot prepare %s: %s".formatted(controlDir, e));
    }
  }

  /** The end of a log, for a message. */
  static String tail(Path log) {
    try (var channel = FileChannel.open(log, StandardOpenOption.READ)) {
      var from = Math.max(0, channel.size() - TAIL_BYTES);
      var buffer = ByteBuffer.allocate(TAIL_BYTES);
      channel.read(buffer, from);
      var text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
      return (from > 0 ? text.substring(text.indexOf('\n') + 1) : text).strip();
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }
}
