package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrashSyncTest {
  private PgFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = new PgFixture();
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource({"14, 5.8.0-1-amd64", "15, 6.1.0-25-amd64", "18, 10.0", "17, 5.15.146.1-microsoft"})
  void theFileSystemIsFlushedAtOnceWhereThatReportsErrors(int major, String release) {
    assertThat(CrashSync.defaults(new PgVersion(major, 1), "Linux", release))
        .isEqualTo(Map.of("recovery_init_sync_method", "syncfs"));
  }

  @ParameterizedTest
  @CsvSource({
    "13, Linux, 6.1.0",
    "15, Linux, 5.7.19-generic",
    "15, Linux, 4.18.0-553.el8.x86_64",
    "15, Linux, unknown",
    "15, FreeBSD, 14.1-RELEASE"
  })
  void elsewhereItStaysAsItIs(int major, String system, String release) {
    assertThat(CrashSync.defaults(new PgVersion(major, 1), system, release)).isEmpty();
  }

  @Test
  void whatTheOperatorHasSetIsSeenBeforeAndAfterTheirFileIsRenamed() throws Exception {
    var node = fixture.copy("a");
    var conf = new PgConf(node.dataDir(), TestInstance.BINARIES.version());
    assertThat(conf.isOperators("recovery_init_sync_method")).as("a comment").isFalse();
    node.configure("  Recovery_Init_Sync_Method = fsync");
    assertThat(conf.isOperators("recovery_init_sync_method")).isTrue();
    conf.write(new TreeMap<>(), new PgConf.ServerRole.Primary());
    assertThat(conf.isOperators("recovery_init_sync_method")).isTrue();
  }

  @Test
  void aCrashedServerTakesIt() throws Exception {
    var node = fixture.primary("a");
    node.configure("recovery_init_sync_method = 'syncfs'", "fsync = on");
    node.execute("CREATE TABLE t AS SELECT 1 AS n");
    node.kill();
    node.start();
    assertThat(node.query("SHOW recovery_init_sync_method")).isEqualTo("syncfs");
    eventually(() -> node.query("SELECT sum(n) FROM t").equals("1"));
    assertThat(Files.readString(node.log())).contains("redo starts").doesNotContain("syncfs");
  }
}
