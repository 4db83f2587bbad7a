package dev.matriarch.actors.postgres;

import static dev.matriarch.actors.postgres.PgFixture.BIN;
import static dev.matriarch.actors.postgres.PgFixture.OS_USER;
import static dev.matriarch.actors.postgres.PgFixture.PATIENCE;
import static dev.matriarch.actors.postgres.PgFixture.REPLICATION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.PgFixture.Node;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseBackupTest {
  private static PgFixture fixture;
  private static Node primary;

  @BeforeAll
  static void open() throws Exception {
    fixture = new PgFixture();
    primary = fixture.primary("a");
    primary.execute("SELECT pg_create_physical_replication_slot('copy', true)");
  }

  @AfterAll
  static void close() throws IOException {
    fixture.close();
  }

  @Test
  void copyThroughASlotStartsAsAStandbyOfTheSource() throws Exception {
    var node = fixture.node("copied");
    var before = primary.query(restartLsn());
    primary.execute("SELECT pg_switch_wal()");
    PgFixture.assertDone(new IncarnationFile(primary.dataDir(), new NodeId("a")).write(7));
    PgFixture.assertDone(
        backup(node, Map.of("progress", "", "label", "of a member"))
            .from(source(Optional.of("copy")), PATIENCE));
    assertThat(primary.query(restartLsn())).isNotEqualTo(before);
    assertThat(node.dataDir().resolve(IncarnationFile.NAME)).doesNotExist();
    assertThat(node.dataDir().resolve("backup_label")).content().contains("of a member");
    assertThat(node.mark().isSet()).isTrue();
    assertThat(FileOwner.like(node.dataDir())).isEqualTo(FileOwner.like(primary.dataDir()));
    node.configure();
    node.follow(primary);
    node.start();
    PgFixture.awaitStreaming(node, primary);
  }

  /** Base backups are made at any time, also by others, and the agent may be root. */
  @Test
  void fileThatIsStillBeingWrittenIsLeftOut() throws Exception {
    var node = fixture.node("beside");
    var unfinished = primary.dataDir().resolve(OwnedFile.UNFINISHED + "conf");
    Files.createFile(
        unfinished,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
    try {
      PgFixture.assertDone(backup(node, Map.of()).from(source(Optional.empty()), PATIENCE));
    } finally {
      Files.delete(unfinished);
    }
    assertThat(node.dataDir().resolve(unfinished.getFileName())).doesNotExist();
  }

  @Test
  void cancelledCopyIsRemoved() throws Exception {
    var node = fixture.node("cancelled");
    var outcome = new CompletableFuture<Outcome>();
    var copying =
        Thread.ofVirtual()
            .start(() ->
                outcome.complete(
                    backup(node, Map.of("max-rate", "64k"))
                        .from(source(Optional.empty()), PATIENCE)));
    PgFixture.eventually(() -> Files.exists(node.dataDir().resolve("backup_label")));
    assertThat(node.mark().isSet()).isTrue();
    copying.interrupt();
    assertThat(outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(Outcome.Failed.class);
    assertThat(node.dataDir()).doesNotExist();
    assertThat(node.mark().isSet()).isFalse();
  }

  @Test
  void sourceThatIsDownLeavesAnEmptyDirectoryEmpty() throws Exception {
    var node = fixture.node("down");
    PgFixture.own(Files.createDirectory(node.dataDir()));
    var nobody = new Endpoint("127.0.0.1", TestPorts.next());
    var source = new BaseBackup.Source(nobody, REPLICATION, "down", Optional.empty());
    assertThat(backup(node, Map.of()).from(source, PATIENCE))
        .isInstanceOfSatisfying(
            Outcome.Failed.class, it -> assertThat(it.reason()).contains("refused"));
    assertThat(node.dataDir()).isEmptyDirectory();
  }

  @Test
  void directoryWithDataIsLeftAlone() throws Exception {
    var node = fixture.node("full");
    Files.createDirectory(node.dataDir());
    var kept = Files.writeString(node.dataDir().resolve("kept"), "data");
    assertThat(backup(node, Map.of()).from(source(Optional.empty()), PATIENCE))
        .isInstanceOf(Outcome.Failed.class);
    assertThat(kept).hasContent("data");
    assertThat(node.mark().isSet()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pgdata", "pgd", "format", "wal-method", "gzip", "host", "password", "D x"})
  void optionThatTheAgentSetsItselfIsRefused(String option) throws Exception {
    var node = fixture.node("refused-" + option.replace(' ', '-'));
    assertThat(backup(node, Map.of(option, "x")).from(source(Optional.empty()), PATIENCE))
        .isInstanceOfSatisfying(
            Outcome.Failed.class, it -> assertThat(it.reason()).contains("postgresql.basebackup"));
    assertThat(node.dataDir()).doesNotExist();
  }

  @Test
  void compressionOnTheClientIsRefused() throws Exception {
    var node = fixture.node("compressed");
    assertThat(backup(node, Map.of("compress", "gzip:9")).from(source(Optional.empty()), PATIENCE))
        .isInstanceOf(Outcome.Failed.class);
  }

  private static String restartLsn() {
    return "SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'copy'";
  }

  private static BaseBackup.Source source(Optional<String> slot) {
    return new BaseBackup.Source(primary.endpoint(), REPLICATION, "copier", slot);
  }

  private static BaseBackup backup(Node node, Map<String, String> options) {
    return new BaseBackup(BIN, OS_USER, node.dataDir(), node.mark(), new TreeMap<>(options));
  }
}
