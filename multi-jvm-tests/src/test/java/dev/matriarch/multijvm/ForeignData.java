package dev.matriarch.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** A PostgreSQL that was made and started by hand, as an installation without agents has one. */
final class ForeignData {
  private static final String BIN = "/usr/lib/postgresql/15/bin/";

  private ForeignData() {}

  /** Makes a database cluster in the data directory of a node, with the node's passwords. */
  static void make(JvmNode node) {
    var password = node.folder().resolve("initial-password");
    try {
      Files.writeString(password, NodeFile.PASSWORD + "\n");
      asPostgres(
          BIN + "initdb",
          "--pgdata=" + node.dataDir(),
          "--username=postgres",
          "--auth=scram-sha-256",
          "--data-checksums",
          "--no-sync",
          "--pwfile=" + password);
      Files.writeString(
          node.dataDir().resolve("pg_hba.conf"),
          String.join("\n", NodeFile.hba(node.place())) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it on the node's address. */
  static void start(JvmNode node) {
    asPostgres(
        BIN + "pg_ctl",
        "--pgdata=" + node.dataDir(),
        "--log=" + node.folder().resolve("by-hand.log"),
        "--wait",
        "--options=-h %s -p %d -k %s -c max_connections=30 -c shared_buffers=16MB"
            .formatted(node.place().host(), node.place().postgresPort(), node.folder()),
        "start");
  }

  static void delete(Path directory) throws IOException {
    try (var paths = Files.walk(directory)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void asPostgres(String... command) {
    var words =
        new java.util.ArrayList<>(
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"));
    words.addAll(List.of(command));
    OsProcess.require(words);
  }
}
