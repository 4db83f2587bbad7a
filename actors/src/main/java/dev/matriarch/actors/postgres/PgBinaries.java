package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where PostgreSQL's server programs are. */
public record PgBinaries(Path directory, PgVersion version) {
  private static final Duration VERSION_TIMEOUT = Duration.ofSeconds(10);
  private static final List<String> NEEDED =
      List.of("postgres", "initdb", "pg_controldata", "pg_basebackup", "pg_rewind");

  /** What a search brought. */
  public sealed interface Search {
    record Found(PgBinaries binaries) implements Search {}

    /** {@code reason} says where was searched and what to do. */
    record Missing(String reason) implements Search {}
  }

  /**
   * Looks in the configured directory and nowhere else, or else in PATH and in the directories of
   * the usual packages, where the newest version wins.
   *
   * @param major the major version that the data directory needs; empty for a new one
   */
  public static Search find(Optional<Path> configured, Optional<Integer> major) {
    return find(configured, major, Path.of("/"), Optional.ofNullable(System.getenv("PATH")));
  }

  static Search find(
      Optional<Path> configured, Optional<Integer> major, Path root, Optional<String> path) {
    var searched = configured.map(List::of).orElseGet(() -> usualPlaces(root, path));
    var found = new ArrayList<PgBinaries>();
    var rejected = new ArrayList<String>();
    for (var directory : searched) {
      var missing =
          NEEDED.stream()
              .filter(program -> !Files.isExecutable(directory.resolve(program)))
              .toList();
      var version = missing.isEmpty() ? version(directory) : Optional.<PgVersion>empty();
      if (version.isPresent() && major.map(m -> m == version.get().major()).orElse(true)) {
        found.add(new PgBinaries(directory, version.get()));
      } else if (version.isPresent()) {
        rejected.add(directory + " has version " + version.get());
      } else if (configured.isPresent() || missing.size() < NEEDED.size()) {
        rejected.add(
            missing.isEmpty()
                ? directory + "/postgres does not run"
                : directory + " lacks " + String.join(", ", missing));
      }
    }
    return found.stream()
        .max(Comparator.comparing(PgBinaries::version))
        .<Search>map(Search.Found::new)
        .orElseGet(() -> new Search.Missing(advice(configured, major, rejected)));
  }

  /** The path of one program. */
  public String program(String name) {
    return directory.resolve(name).toString();
  }

  private static String advice(
      Optional<Path> configured, Optional<Integer> major, List<String> rejected) {
    var wanted = "PostgreSQL" + major.map(m -> " " + m).orElse("");
    var where =
        configured
            .map(directory -> "postgresql.bin_dir is " + directory)
            .orElse("searched PATH, /usr/lib/postgresql/*/bin and /usr/pgsql-*/bin");
    var seen = rejected.isEmpty() ? "" : "; " + String.join("; ", rejected);
    return "no server programs of %s found (%s%s); install the package %s, or set postgresql.bin_dir to the directory of its programs"
        .formatted(
            wanted,
            where,
            seen,
            "postgresql"
                + major.map(m -> "-" + m).orElse("")
                + " (postgresql"
                + major.map(Object::toString).orElse("NN")
                + "-server on Red Hat systems)");
  }

  private static List<Path> usualPlaces(Path root, Optional<String> path) {
    var places = new ArrayList<Path>();
    Stream.of(path.orElse("").split(":", -1))
        .filter(entry -> entry.startsWith("/"))
        .map(Path::of)
        .forEach(places::add);
    subdirectories(root.resolve("usr/lib/postgresql"), "").forEach(places::add);
    subdirectories(root.resolve("usr"), "pgsql-").forEach(places::add);
    return places.stream().distinct().toList();
  }

  private static List<Path> subdirectories(Path parent, String prefix) {
    if (!Files.isDirectory(parent)) {
      return List.of();
    }
    try (var entries = Files.list(parent)) {
      return entries
          .filter(entry -> String.valueOf(entry.getFileName()).startsWith(prefix))
          .map(entry -> entry.resolve("bin"))
          .filter(Files::isDirectory)
          .toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static Optional<PgVersion> version(Path directory) {
    var command =
        PgCommand.of(
            Optional.empty(), List.of(directory.resolve("postgres").toString(), "--version"));
    return switch (command.run(VERSION_TIMEOUT)) {
      case PgCommand.Result.Exited(_, var stdout, _) -> PgVersion.parse(stdout);
      case PgCommand.Result.TimedOut _, PgCommand.Result.NotRun _ -> Optional.empty();
    };
  }
}
