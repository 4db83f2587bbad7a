package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.BIN;
import static dev.matriarch.actors.postgres.PgFixture.OS_USER;
import static dev.matriarch.actors.postgres.PgFixture.PATIENCE;
import static dev.matriarch.actors.postgres.PgFixture.SUPERUSER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.config.PostgresSettings.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InitDbTest {
  private static PgFixture fixture;

  @BeforeAll
  static void open() throws IOException {
    fixture = new PgFixture();
  }

  @AfterAll
  static void close() throws IOException {
    fixture.close();
  }

  @Test
  void newClusterHasChecksumsUtf8AndAPasswordAndTheAgentsRoles() throws Exception {
    var secretsBefore = secretFiles();
    var node = fixture.node("fresh");
    PgFixture.assertDone(
        new InitDb(BIN, OS_USER, node.dataDir(), SUPERUSER, List.of("encoding=UTF8", "no-locale"))
            .run(PATIENCE));
    assertThat(Files.getPosixFilePermissions(node.dataDir()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    // Another run's may come and go; one that was left behind stays.
    var secretsSince = secretFiles();
    secretsSince.removeAll(secretsBefore);
    PgFixture.eventually(() -> secretsSince.stream().noneMatch(Files::exists));
    Files.write(
        node.dataDir().resolve("pg_hba.conf"),
        HbaDefaults.lines(node.settings(), new TreeSet<>(List.of("127.0.0.1", "::1", "db2"))));
    node.configure(
        "log_line_prefix = '%a '", "log_statement = 'all'", "log_min_duration_statement = 0");
    node.start();
    assertThat(node.query("SHOW data_checksums")).isEqualTo("on");
    assertThat(node.query("SHOW server_encoding")).isEqualTo("UTF8");
    assertThat(node.query("SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL"))
        .isEqualTo("0");
    assertThat(
            node.query(
                "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'"))
        .isEqualTo("0");
    ensureRolesTwice(node);
    var log = Files.readString(node.log());
    assertThat(log).contains("Patroni").doesNotContain("secret").doesNotContain("SCRAM-SHA");
  }

  private static void ensureRolesTwice(Node node) throws Exception {
    try (var connection =
        PgConnection.local(node.settings()).open(PgConnection.SHORT_JOB, PATIENCE)) {
      PgFixture.assertDone(Roles.ensure(connection, node.settings()));
    }
    var roles = "SELECT string_agg(r::text, ' ') FROM pg_authid r WHERE rolname LIKE 're%'";
    var first = node.query(roles);
    try (var connection = node.open()) {
      PgFixture.assertDone(Roles.ensure(connection, node.settings()));
    }
    assertThat(node.query(roles)).isEqualTo(first);
    node.execute("ALTER ROLE repl NOREPLICATION PASSWORD 'other'");
    try (var connection = node.open()) {
      PgFixture.assertDone(Roles.ensure(connection, node.settings()));
    }
    var identity =
        new ReplicationProtocol(PgConnection.to(node.endpoint(), PgFixture.REPLICATION))
            .identifySystem();
    assertThat(identity.position().timeline()).isEqualTo(1);
    try (var connection =
            PgConnection.to(node.endpoint(), PgFixture.REWIND).open("test", PATIENCE);
        var statement = connection.createStatement()) {
      statement.execute("SELECT pg_ls_dir('pg_wal', true, false)");
      statement.execute("SELECT pg_read_binary_file('PG_VERSION', 0, 10, true)");
      PgFixture.assertDone(Checkpoint.run(connection, PATIENCE));
    }
  }

  @Test
  void directoryThatIsNotEmptyIsLeftAlone() throws IOException {
    var node = fixture.node("full");
    Files.createDirectory(node.dataDir());
    var kept = Files.writeString(node.dataDir().resolve("kept"), "data");
    assertThat(new InitDb(BIN, OS_USER, node.dataDir(), SUPERUSER, List.of()).run(PATIENCE))
        .isInstanceOfSatisfying(
            Outcome.Failed.class, failed -> assertThat(failed.reason()).contains("not empty"));
    assertThat(kept).hasContent("data");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pgdata=/x",
        "pgd=/x",
        "nosync",
        "no-sync",
        "pwfile=/x",
        "sync-only",
        "version",
        "-D"
      })
  void optionThatTheAgentSetsItselfIsRefused(String option) throws IOException {
    var directory = Path.of("/nowhere/data");
    assertThat(new InitDb(BIN, OS_USER, directory, SUPERUSER, List.of(option)).run(PATIENCE))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).contains("bootstrap.initdb"));
  }

  @Test
  void failedInitdbLeavesNothingBehind() throws IOException {
    var node = fixture.node("failing");
    var initDb =
        new InitDb(BIN, OS_USER, node.dataDir(), SUPERUSER, List.of("locale=no_SUCH.locale"));
    assertThat(initDb.run(PATIENCE)).isInstanceOf(Outcome.Failed.class);
    assertThat(node.dataDir()).doesNotExist();
  }

  @Test
  void superuserWithoutAPasswordNeedsAChosenAuthentication() throws IOException {
    var node = fixture.node("trusting");
    var nobody = new Credentials("postgres", Optional.empty());
    assertThat(new InitDb(BIN, OS_USER, node.dataDir(), nobody, List.of()).run(PATIENCE))
        .isInstanceOf(Outcome.Failed.class);
    PgFixture.assertDone(
        new InitDb(BIN, OS_USER, node.dataDir(), nobody, List.of("auth=trust")).run(PATIENCE));
  }

  private static Set<Path> secretFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("matriarch-secret-"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
