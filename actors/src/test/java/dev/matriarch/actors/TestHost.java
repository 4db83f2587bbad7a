package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.actors.postgres.ControlData;
import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.KernelMemory;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.ProcessExit;
import dev.matriarch.actors.postgres.TestPlace;
import dev.matriarch.actors.postgres.TestPorts;
import dev.matriarch.config.AgentSettings;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.config.PostgresSettings;
import dev.matriarch.config.SettingsLoader;
import dev.matriarch.config.SettingsResult;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.NodeId;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One agent's settings and its PostgreSQL, on loopback and in a temporary directory. */
final class TestHost implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path GUARDIAN =
      Path.of("../deploy/src/main/dist/libexec/guardian").toAbsolutePath().normalize();
  private static final Duration POLL_EVERY = Duration.ofMillis(10);
  final AgentSettings agent;
  final PostgresHost postgres;
  private final Path root;

  TestHost(String name) throws IOException {
    this(name, TestPlace.directory("matriarch-actors"));
  }

  /** With everything in a directory that exists; it is deleted in the end. */
  TestHost(String name, Path root) throws IOException {
    this.root = root;
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    var file = root.resolve("agent.yml");
    Files.writeString(file, file(name, root, TestPorts.next()));
    agent =
        switch (SettingsLoader.load(file)) {
          case SettingsResult.Loaded(var settings, _) -> settings;
          case SettingsResult.Invalid(var problems) -> throw new AssertionError(problems);
        };
    Home.prepare(agent.cluster().dataDir());
    var settings = agent.postgresql().orElseThrow();
    postgres = new PostgresHost(agent, settings, PostgresHost.Site.of(agent, settings, GUARDIAN));
  }

  NodeId name() {
    return agent.name();
  }

  PostgresSettings settings() {
    return postgres.settings();
  }

  Endpoint endpoint() {
    return settings().connectAddress();
  }

  Path root() {
    return root;
  }

  Path dataDir() {
    return postgres.dataDir();
  }

  DynamicSettings dynamic() {
    return DynamicSettingsReader.read(agent.bootstrap().dcs()).settings();
  }

  Optional<Guardian> guardian() {
    return Guardian.find(postgres.site().guardian().controlDir());
  }

  long postmaster() throws IOException {
    return Long.parseLong(
        Files.readAllLines(dataDir().resolve("postmaster.pid")).getFirst().strip());
  }

  void kill() throws IOException {
    ProcessHandle.of(postmaster()).ifPresent(ProcessHandle::destroyForcibly);
  }

  /** Sends a signal to the postmaster, {@code STOP}. */
  void signal(String signal) throws IOException, InterruptedException {
    signal(signal, postmaster());
  }

  static void signal(String signal, long process) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process)).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** What hangs in PostgreSQL: the checkpointer, say. */
  long process(String type) throws SQLException {
    return Long.parseLong(
        query("SELECT pid FROM pg_stat_activity WHERE backend_type = '%s'".formatted(type)));
  }

  /** The state of a server that is down, as its control file says. */
  String control() {
    return postgres.control() instanceof ControlData.Reading.Read(var data)
        ? data.state().name()
        : "unreadable";
  }

  Connection connect() throws SQLException {
    var url =
        "jdbc:postgresql://127.0.0.1:%d/postgres?connectTimeout=5&socketTimeout=30"
            .formatted(endpoint().port());
    return DriverManager.getConnection(url, "postgres", settings().superuser().password().get());
  }

  void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  String query(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  boolean answers(String sql, String expected) {
    try {
      return query(sql).equals(expected);
    } catch (SQLException e) {
      return false;
    }
  }

  static void eventually(String what, Callable<Boolean> condition) throws Exception {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(POLL_EVERY.toNanos());
    }
  }

  @Override
  public void close() throws IOException {
    var guardian = guardian();
    assertThat(postgres.stop(true)).isInstanceOf(Outcome.Done.class);
    if (guardian.isPresent()) {
      guardian.get().close();
      var process = ProcessHandle.of(guardian.get().process().pid());
      if (process.isPresent()) {
        process.get().destroyForcibly();
        ProcessExit.watch(guardian.get().process())
            .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .join();
      }
    }
    KernelMemory.release(dataDir());
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static String file(String name, Path root, int port) {
    return """
    scope: test
    name: %1$s
    restapi: {listen: "127.0.0.1:8008", connect_address: "127.0.0.1:8008"}
    cluster:
      listen: 127.0.0.1:%4$d
      connect_address: 127.0.0.1:%4$d
      data_dir: %2$s/state
      members: {a: "127.0.0.1:7400", b: "127.0.0.1:7401", c: "127.0.0.1:7402"}
    bootstrap:
      dcs:
        ttl: 5
        postgresql: {parameters: {max_connections: 50}}
    postgresql:
      listen: 127.0.0.1:%3$d
      connect_address: 127.0.0.1:%3$d
      data_dir: %2$s/data
      parameters: {unix_socket_directories: "", fsync: off, shared_buffers: 16MB}
      authentication:
        superuser: {username: postgres, password: "super:\\\\secret"}
        replication: {username: repl, password: "repl'secret"}
    """
        .formatted(name, root, port, 7400 + name.charAt(0) - 'a');
  }
}
