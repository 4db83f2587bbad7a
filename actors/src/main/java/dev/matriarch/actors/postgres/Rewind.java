package dev.matriarch.actors.postgres;

import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.protocol.model.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes back what the local data directory has beyond the leader's log, by pg_rewind. PostgreSQL is
 * stopped. A crashed primary is recovered by pg_rewind itself; a standby that did not stop in order
 * has to be started and stopped first.
 *
 * @param mark set before anything changes; after {@link Result.Done} and {@link Result.Broken} it
 *     stays, until the caller has seen PostgreSQL consistent or made the directory anew
 * @param configFile {@code postgresql.conf} if it is not in the data directory
 * @param restoreCommand one is configured: log that is missing here is fetched from the archive
 */
public record Rewind(
    Path binDir,
    Optional<String> osUser,
    Path dataDir,
    RebuildMark mark,
    Optional<Path> configFile,
    boolean restoreCommand) {
  /** pg_rewind says it right before it changes the first file. */
  private static final String POINT_OF_NO_RETURN = "rewinding from last common checkpoint";

  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /** How it ended. */
  public sealed interface Result {
    /** The directory can follow as it is. */
    record NotRequired() implements Result {}

    record Done(String detail) implements Result {}

    /** The source did not answer or is not ready; nothing was changed. */
    record TryAgain(String why) implements Result {}

    /** It will not work next time either; nothing was changed. Clone anew. */
    record Cannot(String why) implements Result {}

    /** It stopped half-way: the directory holds no usable data. Clone anew. */
    record Broken(String why) implements Result {}
  }

  /**
   * The leader, as the role that may rewind.
   *
   * @param timeline on which it must be
   */
  public record Source(Endpoint server, Credentials role, int timeline) {}

  public Result from(Source source, Duration timeout) {
    if (mark.isSet()) {
      return new Result.Broken("%s is half-made: %s".formatted(dataDir, mark.describe()));
    }
    var running = RunningPostmaster.in(dataDir);
    if (running.isPresent()) {
      return new Result.TryAgain(running.get());
    }
    var unready = checkpointOf(source, timeout);
    if (unready.isPresent()) {
      return new Result.TryAgain(unready.get());
    }
    try (var passFile = SecretFile.passFile(source.server(), source.role(), osUser)) {
      mark.set(RebuildMark.Work.REWIND, dataDir);
      var incarnation = IncarnationFile.contentOf(dataDir);
      // It starts a server if the last one has crashed.
      var environment = RunningPostmaster.ignoringStaleFile(dataDir);
      var command = new PgCommand(osUser, argv(source, passFile.path()), environment);
      var result = judge(command.run(timeout));
      if (result instanceof Result.Done) {
        // pg_rewind has put the source's in its place, or removed it.
        IncarnationFile.restore(dataDir, incarnation);
      }
      switch (result) {
        case Result.NotRequired _, Result.TryAgain _, Result.Cannot _ -> mark.clear();
        case Result.Done _, Result.Broken _ -> {}
      }
      return result;
    } catch (IOException e) {
      return new Result.TryAgain("cannot write beside %s: %s".formatted(dataDir, e));
    }
  }

  /**
   * pg_rewind reads the source's timeline from its control file, where a promotion shows only after
   * the next checkpoint; before that it would find nothing to do.
   */
  private static Optional<String> checkpointOf(Source source, Duration timeout) {
    var target = PgConnection.to(source.server(), source.role());
    try (var connection = target.open(PgConnection.SHORT_JOB, timeout);
        var statement = connection.createStatement()) {
      try (var row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
        if (!row.next() || row.getBoolean(1)) {
          return Optional.of("%s is not a primary yet".formatted(source.server()));
        }
      }
      checkpointIfAllowed(statement);
      try (var row = statement.executeQuery("SELECT timeline_id FROM pg_control_checkpoint()")) {
        row.next();
        return row.getInt(1) == source.timeline()
            ? Optional.empty()
            : Optional.of(
                "%s is on timeline %d, not %d"
                    .formatted(source.server(), row.getInt(1), source.timeline()));
      }
    } catch (SQLException e) {
      return Optional.of("checkpoint of %s: %s".formatted(source.server(), e.getMessage()));
    }
  }

  /** Before PostgreSQL 15 only a superuser may; then the source's own checkpoint is waited for. */
  private static void checkpointIfAllowed(Statement statement) throws SQLException {
    try {
      statement.execute("CHECKPOINT");
    } catch (SQLException e) {
      if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  private List<String> argv(Source source, Path passFile) {
    var argv = new ArrayList<String>();
    argv.add(binDir.resolve("pg_rewind").toString());
    argv.add("--target-pgdata=" + dataDir);
    argv.add(
        "--source-server="
            + new Conninfo(
                    source.server(),
                    source.role().username(),
                    PgConnection.SHORT_JOB,
                    passFile,
                    Conninfo.PATIENT)
                .format("postgres"));
    configFile.ifPresent(file -> argv.add("--config-file=" + file));
    if (restoreCommand) {
      argv.add("--restore-target-wal");
    }
    return argv;
  }

  /** PostgreSQL's messages are English: programs run with {@code LC_ALL=C}. */
  private static Result judge(PgCommand.Result result) {
    return switch (result) {
      case PgCommand.Result.Exited(var code, _, var tail) when code == 0 ->
          tail.contains("no rewind required")
              ? new Result.NotRequired()
              : new Result.Done(lastLines(tail));
      case PgCommand.Result.Exited(var code, _, var tail) when tail.contains(POINT_OF_NO_RETURN) ->
          new Result.Broken("pg_rewind exited with %d: %s".formatted(code, lastLines(tail)));
      case PgCommand.Result.Exited(var code, _, var tail) when lostTheSource(tail) ->
          new Result.TryAgain("pg_rewind exited with %d: %s".formatted(code, lastLines(tail)));
      case PgCommand.Result.Exited(var code, _, var tail) ->
          new Result.Cannot("pg_rewind exited with %d: %s".formatted(code, lastLines(tail)));
      case PgCommand.Result.TimedOut(var after, var tail) ->
          new Result.Broken("pg_rewind ended after %s: %s".formatted(after, lastLines(tail)));
      case PgCommand.Result.NotRun(var reason) when reason.startsWith("cannot run") ->
          new Result.Cannot(reason);
      case PgCommand.Result.NotRun(var reason) -> new Result.Broken(reason);
    };
  }

  private static boolean lostTheSource(String tail) {
    return tail.contains("connection to server")
        || tail.contains("could not connect")
        || tail.contains("server closed the connection")
        || tail.contains("terminating connection");
  }

  private static String lastLines(String tail) {
    var lines = tail.lines().toList();
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - 6), lines.size()));
  }
}
