package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.matriarch.protocol.model.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PgConfTest {
  private static final String NASTY = "a'b\\c \"d\" #e\ttab\nline\r''\\'\\\\ $1 é ✓ \\n \\x41";

  private final TestInstance instance;

  PgConfTest() throws IOException {
    instance = TestInstance.create();
  }

  @AfterEach
  void close() throws IOException {
    instance.close();
  }

  private String read(String file) throws IOException {
    return Files.readString(instance.dataDir.resolve(file));
  }

  private Conninfo upstream(String applicationName) {
    return new Conninfo(
        new Endpoint("127.0.0.1", instance.port),
        "postgres",
        applicationName,
        instance.root.resolve("pass 'word' \\file"),
        new TreeMap<>(Map.of("sslmode", "prefer")));
  }

  @Test
  void theServerReadsBackWhatWasWritten() throws Exception {
    instance.configure("my.value", NASTY);
    instance.configure("log_line_prefix", "%m '%u' \\ ");
    instance.configure("search_path", "\"$user\", public");

    instance.primary();

    assertThat(instance.query("SHOW my.value")).isEqualTo(NASTY);
    assertThat(instance.query("SHOW log_line_prefix")).isEqualTo("%m '%u' \\ ");
    assertThat(instance.query("SHOW search_path")).isEqualTo("\"$user\", public");
    assertThat(instance.query("SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL"))
        .isEqualTo("0");
  }

  @Test
  void oneSettingIsReplacedAsIfAllWereWritten() throws Exception {
    var names = List.of("synchronous_standby_names", "a.first", "zz.last");
    for (var name : names) {
      for (var value : List.of(NASTY, "ANY 1 (\"x\", \"y\")", "")) {
        assertThat(instance.conf().set(name, value)).isEqualTo(new PgConf.Result.Written(true));
        assertThat(instance.configure(name, value)).as("%s = %s", name, value).isFalse();
        assertThat(instance.conf().set(name, value)).isEqualTo(new PgConf.Result.Written(false));
      }
    }
    var auto = instance.dataDir.resolve("postgresql.auto.conf");
    Files.writeString(auto, "synchronous_standby_names = 'x'\nwork_mem = '5MB'\n");
    instance.conf().set("synchronous_standby_names", "");
    assertThat(auto).hasContent("# synchronous_standby_names = 'x'\nwork_mem = '5MB'");
    Files.writeString(instance.dataDir.resolve("postgresql.conf"), "port = 1\n");
    assertThat(instance.conf().set("synchronous_standby_names", ""))
        .isInstanceOf(PgConf.Result.NotWritten.class);
  }

  @Test
  void connectionStringsArriveWhole() throws Exception {
    var upstream = upstream("node 'one' \\ two");
    instance.configure(
        new PgConf.ServerRole.StandbyOf(Optional.of(upstream), Optional.of("slot_1")));
    TestInstance.watching(instance.start().asStandby());
    var guardian = Guardian.find(instance.home.controlDir()).orElseThrow();
    instance.ready(new Guardian.Start.Watching(guardian));

    assertThat(instance.query("SHOW primary_conninfo")).isEqualTo(upstream.format());
    assertThat(instance.query("SHOW primary_slot_name")).isEqualTo("slot_1");
    assertThat(instance.query("SHOW recovery_target_timeline")).isEqualTo("latest");
    var seen =
        TestInstance.run(
            instance.user.switchTo(),
            TestInstance.BINARIES.program("psql"),
            "-XAtc",
            "SHOW application_name",
            upstream.format("postgres"));
    assertThat(seen).isEqualTo("node 'one' \\ two");
  }

  @Test
  void passwordsAreFoundInThePasswordFile() throws Exception {
    var password = "p:a\\s's \"w\\\\:é";
    instance.primary();
    try (var connection = instance.connect();
        var statement = connection.createStatement()) {
      statement.execute(
          "CREATE ROLE \"re:pl\" LOGIN PASSWORD '" + password.replace("'", "''") + "'");
    }
    assertThat(instance.conf().writeHba(List.of("host all all all scram-sha-256")))
        .isEqualTo(new PgConf.Result.Written(true));
    assertThat(instance.conf().writeHba(List.of("host all all all scram-sha-256")))
        .isEqualTo(new PgConf.Result.Written(false));
    instance.stop(PgStop.Mode.FAST);
    instance.primary();
    var conninfo =
        new Conninfo(
            new Endpoint("127.0.0.1", instance.port),
            "re:pl",
            "test",
            instance.dataDir.resolve("pass file"),
            new TreeMap<>());

    var outcome =
        new PgPass(conninfo.passfile())
            .write(
                List.of(
                    new PgPass.Entry("10.0.0.1", "5432", "*", "re:pl", "other"),
                    new PgPass.Entry(
                        "127.0.0.1", Integer.toString(instance.port), "*", "re:pl", password)),
                instance.dataDir);

    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(conninfo.passfile())))
        .isEqualTo("rw-------");
    assertThat(
            TestInstance.run(
                instance.user.switchTo(),
                TestInstance.BINARIES.program("psql"),
                "-wXAtc",
                "SELECT current_user",
                conninfo.format("postgres")))
        .isEqualTo("re:pl");
    assertThatThrownBy(() -> new PgPass.Entry("h", "1", "*", "u", "a\nb"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theOperatorsFileIsKeptOnceAndIncluded() throws Exception {
    var base = read("postgresql.base.conf");
    assertThat(base).contains("default_text_search_config = 'pg_catalog.english'");
    assertThat(read("postgresql.conf")).contains("include 'postgresql.base.conf'");

    assertThat(instance.configure("work_mem", "5MB")).isTrue();
    assertThat(instance.configure("work_mem", "5MB")).isFalse();

    assertThat(read("postgresql.base.conf")).isEqualTo(base);
    instance.primary();
    assertThat(instance.query("SHOW default_text_search_config")).isEqualTo("pg_catalog.english");
    assertThat(instance.query("SHOW work_mem")).isEqualTo("5MB");
  }

  @Test
  void aGeneratedFileIsNeverTakenForTheOperators() throws Exception {
    Files.delete(instance.dataDir.resolve("postgresql.base.conf"));

    instance.configure("work_mem", "6MB");

    assertThat(read("postgresql.base.conf")).doesNotContain("include");
    instance.primary();
    assertThat(instance.query("SHOW work_mem")).isEqualTo("6MB");
  }

  @Test
  void ownerAndPermissionsAreThoseOfTheDataDirectory() throws Exception {
    Files.setPosixFilePermissions(instance.dataDir, PosixFilePermissions.fromString("rwxr-x---"));

    instance.configure("work_mem", "7MB");

    var file = instance.dataDir.resolve("postgresql.conf");
    assertThat(Files.getOwner(file)).isEqualTo(Files.getOwner(instance.dataDir));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
    assertThat(instance.dataDir.resolve(OwnedFile.UNFINISHED + "postgresql.conf")).doesNotExist();
  }

  @Test
  void recoverySettingsOfAlterSystemDoNotOverrideTheRole() throws Exception {
    instance.primary();
    try (var connection = instance.connect();
        var statement = connection.createStatement()) {
      statement.execute("ALTER SYSTEM SET primary_conninfo = 'host=elsewhere'");
      statement.execute("ALTER SYSTEM SET restore_command = 'cp /archive/%f %p'");
      statement.execute("ALTER SYSTEM SET work_mem = '9MB'");
    }
    instance.stop(PgStop.Mode.FAST);
    instance.configure("restore_command", "cp /other/%f %p");
    instance.configure(new PgConf.ServerRole.Fenced());

    instance.ready(instance.start().asStandby());

    assertThat(instance.query("SHOW primary_conninfo")).isEmpty();
    assertThat(instance.query("SHOW restore_command")).isEmpty();
    assertThat(instance.query("SHOW work_mem")).isEqualTo("9MB");
    assertThat(read("postgresql.auto.conf")).contains("# primary_conninfo = 'host=elsewhere'");
  }

  @Test
  void theSignalFileFollowsTheRole() {
    var signal = instance.dataDir.resolve("standby.signal");

    assertThat(instance.configure(new PgConf.ServerRole.Fenced())).isTrue();
    assertThat(signal).exists();
    assertThat(instance.configure(new PgConf.ServerRole.Fenced())).isFalse();
    assertThat(instance.configure(new PgConf.ServerRole.Primary())).isTrue();
    assertThat(signal).doesNotExist();
  }

  @Test
  void aNameThatIsNoneIsRefusedAndNothingIsWritten() throws IOException {
    var before = read("postgresql.conf");

    var result =
        instance
            .conf()
            .write(new TreeMap<>(Map.of("port = 1\nx", "2")), new PgConf.ServerRole.Primary());

    assertThat(result).isInstanceOf(PgConf.Result.NotWritten.class);
    assertThat(read("postgresql.conf")).isEqualTo(before);
  }

  @Test
  void aStandbyGetsLimitsNoLowerThanItsPrimarys() throws Exception {
    instance.configure("max_connections", "150");
    instance.primary();
    instance.stop(PgStop.Mode.FAST);
    var control = instance.control();
    assertThat(control.limits()).containsEntry("max_connections", 150);
    var configured = new TreeMap<>(Map.of("max_connections", "90", "max_wal_senders", "20"));

    var raised = PgConf.withStandbyLimits(configured, control);

    assertThat(raised)
        .containsEntry("max_connections", "150")
        .containsEntry("max_wal_senders", "20")
        .containsEntry("max_locks_per_transaction", "64");
    assertThat(configured).containsEntry("max_connections", "90");
  }

  @Test
  void aRedirectionChangesOnlyWhereTheLogComesFrom() throws IOException {
    instance.configure("my.value", NASTY);
    instance.configure("restore_command", "cp /archive/%f %p");
    instance.configure(
        new PgConf.ServerRole.StandbyOf(Optional.of(upstream("a")), Optional.of("slot_1")));
    var before = read("postgresql.conf").lines().toList();
    var changed = new PgConf.Result.Written(true);
    var unchanged = new PgConf.Result.Written(false);

    assertThat(instance.conf().redirect("host=other")).isEqualTo(changed);
    assertThat(read("postgresql.conf")).contains("primary_conninfo = 'host=other'\n");
    assertThat(instance.conf().redirect("")).isEqualTo(changed);
    assertThat(instance.conf().redirect("")).isEqualTo(unchanged);

    var sources =
        List.of("primary_conninfo = ''", "primary_slot_name = ''", "restore_command = ''");
    var after = read("postgresql.conf").lines().toList();
    assertThat(after).hasSameSizeAs(before).endsWith(sources.toArray(String[]::new));
    assertThat(after.subList(0, after.size() - sources.size()))
        .isSubsetOf(before)
        .anyMatch(line -> line.startsWith("my.value = "));
  }

  @Test
  void aRedirectionKeepsAnOperatorsFile() throws IOException {
    Files.delete(instance.dataDir.resolve("postgresql.base.conf"));
    Files.writeString(
        instance.dataDir.resolve("postgresql.conf"), "port = 1\nprimary_conninfo = 'host=old'");

    assertThat(instance.conf().redirect("")).isEqualTo(new PgConf.Result.Written(true));
    assertThat(instance.conf().redirect("")).isEqualTo(new PgConf.Result.Written(false));

    assertThat(read("postgresql.base.conf")).contains("host=old");
    assertThat(read("postgresql.conf"))
        .contains("include 'postgresql.base.conf'\n")
        .endsWith("primary_conninfo = ''\nprimary_slot_name = ''\nrestore_command = ''\n");
    assertThat(instance.dataDir.resolve("standby.signal")).exists();
  }

  @Test
  void aConnectionStringHoldsNoPassword() {
    assertThatThrownBy(() ->
            new Conninfo(
                new Endpoint("h", 1),
                "u",
                "a",
                instance.root,
                new TreeMap<>(Map.of("password", "x"))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(upstream("node1").format())
        .isEqualTo(
            "host=127.0.0.1 port=%d user=postgres application_name=node1 passfile='%s/pass \\'word\\' \\\\file' sslmode=prefer"
                .formatted(instance.port, instance.root));
  }

  @Test
  void theServersOwnCommandLineToolAgreesWithTheControlFile() throws SQLException {
    instance.primary();

    assertThat(instance.query("SELECT system_identifier FROM pg_control_system()"))
        .isEqualTo(instance.control().systemIdentifier());
  }
}
