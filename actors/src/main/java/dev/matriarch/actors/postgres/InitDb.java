package dev.matriarch.actors.postgres;

import dev.matriarch.actors.postgres.NewDataDir.Preparation;
import dev.matriarch.actors.postgres.ProgramOptions.Option;
import dev.matriarch.config.PostgresSettings.Credentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a new database cluster in an empty or absent directory: always with data checksums, always
 * with a password for the superuser unless its authentication is configured otherwise.
 *
 * @param options of initdb as {@code bootstrap.initdb} has them, {@code "encoding=UTF8"} or a flag
 */
public record InitDb(
    Path binDir,
    Optional<String> osUser,
    Path dataDir,
    Credentials superuser,
    List<String> options) {
  private static final String WHERE = "bootstrap.initdb";
  private static final Set<String> FORBIDDEN =
      Set.of("pgdata", "nosync", "no-sync", "pwfile", "sync-only", "version", "pwprompt");
  private static final Set<String> UNSET = Set.of("", "C", "POSIX");

  /** Runs initdb. When it fails the directory is as it was before. */
  public Outcome run(Duration timeout) {
    var given = new ProgramOptions(options.stream().map(Option::parse).toList());
    var problem = given.problem(WHERE, FORBIDDEN).or(() -> passwordProblem(given));
    if (problem.isPresent()) {
      return new Outcome.Failed(problem.get());
    }
    try {
      return switch (NewDataDir.prepare(dataDir, osUser)) {
        case Preparation.Refused(var reason) -> new Outcome.Failed(reason);
        case Preparation.Ready(var directory) -> fill(directory, given, timeout);
      };
    } catch (IOException e) {
      return new Outcome.Failed("cannot prepare %s for initdb: %s".formatted(dataDir, e));
    }
  }

  private Outcome fill(NewDataDir directory, ProgramOptions given, Duration timeout)
      throws IOException {
    var succeeded = false;
    try (var password = SecretFile.of(superuser.password().orElse("") + "\n", osUser)) {
      var result =
          new PgCommand(osUser, argv(given, password.path()), locale()).runToSuccess(timeout);
      succeeded = result instanceof Outcome.Done;
      return succeeded ? new Outcome.Done("new database cluster in " + dataDir) : result;
    } finally {
      if (!succeeded) {
        directory.undo();
      }
    }
  }

  private List<String> argv(ProgramOptions given, Path passwordFile) {
    var argv = new ArrayList<String>();
    argv.add(binDir.resolve("initdb").toString());
    argv.addAll(given.argv());
    if (!given.has("auth")) {
      if (!given.has("auth-local")) {
        argv.add("--auth-local=scram-sha-256");
      }
      if (!given.has("auth-host")) {
        argv.add("--auth-host=scram-sha-256");
      }
    }
    // Without a locale initdb would take SQL_ASCII, which stores any bytes unchecked.
    if (!given.has("encoding") && UNSET.contains(agentsLocale())) {
      argv.add("--encoding=UTF8");
    }
    if (superuser.password().isPresent()) {
      argv.add("--pwfile=" + passwordFile);
    }
    argv.addAll(
        List.of("--username=" + superuser.username(), "--data-checksums", "--pgdata=" + dataDir));
    return argv;
  }

  private Optional<String> passwordProblem(ProgramOptions given) {
    var chosen = given.has("auth") || (given.has("auth-local") && given.has("auth-host"));
    return superuser.password().isPresent() || chosen
        ? Optional.empty()
        : Optional.of(
            "a new database cluster needs postgresql.authentication.superuser.password,"
                + " or auth-local and auth-host in bootstrap.initdb");
  }

  /** New databases take the locale of the agent's environment, as with initdb run by hand. */
  private static Map<String, String> locale() {
    return Map.of("LC_ALL", System.getenv().getOrDefault("LC_ALL", ""));
  }

  private static String agentsLocale() {
    for (var name : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      var value = System.getenv().getOrDefault(name, "");
      if (!value.isEmpty()) {
        return value;
      }
    }
    return "";
  }
}
