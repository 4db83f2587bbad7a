package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PgBinariesTest {
  @TempDir private Path root;

  private Path install(String directory, String version) throws IOException {
    var bin = Files.createDirectories(root.resolve(directory));
    for (var name : List.of("postgres", "initdb", "pg_controldata", "pg_basebackup", "pg_rewind")) {
      Files.writeString(
          bin.resolve(name), "#!/bin/sh\necho \"" + name + " (PostgreSQL) " + version + "\"\n");
      Files.setPosixFilePermissions(
          bin.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return bin;
  }

  private PgBinaries.Search find(Optional<Path> configured, Optional<Integer> major) {
    return PgBinaries.find(configured, major, root, Optional.of("relative:/nonexistent"));
  }

  private static PgBinaries found(PgBinaries.Search search) {
    return switch (search) {
      case PgBinaries.Search.Found(var binaries) -> binaries;
      case PgBinaries.Search.Missing(var reason) -> throw new AssertionError(reason);
    };
  }

  private static String missing(PgBinaries.Search search) {
    return switch (search) {
      case PgBinaries.Search.Found(var binaries) -> throw new AssertionError(binaries.toString());
      case PgBinaries.Search.Missing(var reason) -> reason;
    };
  }

  @Test
  void theNewestVersionOfTheUsualPlacesWins() throws IOException {
    install("usr/lib/postgresql/9.6/bin", "9.6.24");
    install("usr/lib/postgresql/15/bin", "15.13 (Debian 15.13-0+deb12u1)");
    var newest = install("usr/pgsql-18/bin", "18beta1");

    assertThat(found(find(Optional.empty(), Optional.empty())))
        .isEqualTo(new PgBinaries(newest, new PgVersion(18, 0)));
  }

  @Test
  void theDataDirectorysVersionIsTaken() throws IOException {
    var fifteen = install("usr/lib/postgresql/15/bin", "15.13");
    install("usr/lib/postgresql/17/bin", "17.5");

    assertThat(found(find(Optional.empty(), Optional.of(15))))
        .isEqualTo(new PgBinaries(fifteen, new PgVersion(15, 13)));
    assertThat(missing(find(Optional.empty(), Optional.of(16))))
        .contains("PostgreSQL 16", "has version 15.13", "install the package postgresql-16");
  }

  @Test
  void aConfiguredDirectoryIsTheOnlyOne() throws IOException {
    install("usr/lib/postgresql/17/bin", "17.5");
    var partial = install("opt/pg/bin", "17.5");
    Files.delete(partial.resolve("pg_rewind"));

    assertThat(missing(find(Optional.of(partial), Optional.empty())))
        .contains("postgresql.bin_dir is " + partial, "lacks pg_rewind");
    assertThat(missing(find(Optional.of(root.resolve("none")), Optional.empty())))
        .contains("lacks postgres, initdb");
  }

  @Test
  void nothingInstalledSaysWhatToInstall() {
    assertThat(missing(find(Optional.empty(), Optional.empty())))
        .contains("install the package postgresql ", "postgresql.bin_dir");
  }

  @Test
  void theRealProgramsAreFound() {
    assertThat(TestInstance.BINARIES.version().major()).isGreaterThanOrEqualTo(12);
    assertThat(PgVersion.majorOf(root)).isEmpty();
  }
}
