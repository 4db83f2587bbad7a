package dev.matriarch.actors.postgres;

import dev.matriarch.actors.postgres.NewDataDir.Preparation;
import dev.matriarch.actors.postgres.ProgramOptions.Option;
import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.protocol.model.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * Copies the data directory of another member into an empty or absent one by pg_basebackup.
 *
 * @param mark set before the copy begins; it stays until the caller has seen PostgreSQL consistent
 * @param options of pg_basebackup as {@code postgresql.basebackup} has them; an empty value is a
 *     flag
 */
public record BaseBackup(
    Path binDir,
    Optional<String> osUser,
    Path dataDir,
    RebuildMark mark,
    SortedMap<String, String> options) {
  private static final String WHERE = "postgresql.basebackup";
  private static final Set<String> FORBIDDEN =
      Set.of(
          "pgdata",
          "format",
          "wal-method",
          "xlog-method",
          "gzip",
          "version",
          "dbname",
          "host",
          "port",
          "username",
          "password",
          "no-password",
          "target",
          "no-clean");

  /**
   * Where the copy comes from.
   *
   * @param slot a physical slot there that keeps the log of the copy's time; empty: a temporary one
   */
  public record Source(
      Endpoint server, Credentials replication, String applicationName, Optional<String> slot) {}

  /** Copies. If it fails or is cancelled, what was copied so far is removed. */
  public Outcome from(Source source, Duration timeout) {
    var given =
        new ProgramOptions(
            options.entrySet().stream()
                .map(it ->
                    new Option(
                        it.getKey(), Optional.of(it.getValue()).filter(text -> !text.isEmpty())))
                .toList());
    var problem = given.problem(WHERE, FORBIDDEN).or(this::compressionProblem);
    if (problem.isPresent()) {
      return new Outcome.Failed(problem.get());
    }
    try {
      return switch (NewDataDir.prepare(dataDir, osUser)) {
        case Preparation.Refused(var reason) -> new Outcome.Failed(reason);
        case Preparation.Ready(var directory) -> copy(directory, given, source, timeout);
      };
    } catch (IOException e) {
      return new Outcome.Failed("copy into %s: %s".formatted(dataDir, e));
    }
  }

  private Outcome copy(NewDataDir directory, ProgramOptions given, Source source, Duration timeout)
      throws IOException {
    var succeeded = false;
    try (var passFile = SecretFile.passFile(source.server(), source.replication(), osUser)) {
      mark.set(RebuildMark.Work.CLONE, dataDir);
      var outcome =
          PgCommand.of(osUser, argv(given, source, passFile.path())).runToSuccess(timeout);
      if (outcome instanceof Outcome.Done) {
        // The source's number: the copy is another incarnation.
        IncarnationFile.remove(dataDir);
        succeeded = true;
      }
      return switch (outcome) {
        case Outcome.Done _ ->
            new Outcome.Done("copied %s into %s".formatted(source.server(), dataDir));
        case Outcome.Failed(var reason) ->
            new Outcome.Failed(
                "copy of %s: %s; the partial copy was removed".formatted(source.server(), reason));
      };
    } finally {
      if (!succeeded) {
        directory.undo();
        mark.clear();
      }
    }
  }

  private List<String> argv(ProgramOptions given, Source source, Path passFile) {
    var argv = new ArrayList<String>();
    argv.add(binDir.resolve("pg_basebackup").toString());
    if (!given.has("checkpoint")) {
      argv.add("--checkpoint=fast");
    }
    argv.addAll(given.argv());
    argv.add("--wal-method=stream");
    argv.add("--no-password");
    source.slot().ifPresent(slot -> argv.add("--slot=" + slot));
    argv.add(
        "--dbname="
            + new Conninfo(
                    source.server(),
                    source.replication().username(),
                    source.applicationName(),
                    passFile,
                    Conninfo.PATIENT)
                .format());
    argv.add("--pgdata=" + dataDir);
    return argv;
  }

  /** The copy is unpacked as it arrives, which only the server's compression allows. */
  private Optional<String> compressionProblem() {
    var compress = options.getOrDefault("compress", "server");
    return compress.startsWith("server")
        ? Optional.empty()
        : Optional.of(
            "%s: compress=%s is not possible; only on the server, such as server-lz4"
                .formatted(WHERE, compress));
  }
}
