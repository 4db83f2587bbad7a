package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.config.PostgresSettings;
import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.protocol.model.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Real PostgreSQL instances on loopback, in a temporary directory; gone when it is closed. */
final class PgFixture implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final Credentials SUPERUSER = new Credentials("postgres", Optional.of("super:\\secret"));
  static final Credentials REPLICATION = new Credentials("repl", Optional.of("repl'secret"));
  static final Credentials REWIND = new Credentials("rewinder", Optional.of("rewind secret"));
  static final Path BIN = newestBinDir();
  static final Optional<String> OS_USER =
      System.getProperty("user.name").equals("root") ? Optional.of("postgres") : Optional.empty();

  private static final Duration POLL_EVERY = Duration.ofMillis(10);

  /** Those that are not closed. */
  static final Set<PgFixture> OPEN = ConcurrentHashMap.newKeySet();

  private final Path root;
  private final List<Node> nodes = new ArrayList<>();

  /** Made from the template, so that they are of one database cluster. */
  private final Set<Node> related = new HashSet<>();

  PgFixture() throws IOException {
    root = TestPlace.directory("mpg");
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    own(root);
    OPEN.add(this);
  }

  /** What all servers have logged. */
  String serverLogs() {
    return nodes.stream()
        .map(it -> "---- %s%n%s".formatted(it.name(), GuardianHome.tail(it.log())))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** One instance, not made yet. */
  Node node(String name) throws IOException {
    var home = Files.createDirectory(root.resolve(name));
    own(home);
    var node = new Node(name, home, TestPorts.next());
    Files.createDirectory(node.controlDir());
    nodes.add(node);
    return node;
  }

  /** A running primary with the agents' roles; a second one is of another database cluster. */
  Node primary(String name) throws Exception {
    if (!related.isEmpty()) {
      return newPrimary(name);
    }
    var node = copy(name);
    node.configure();
    node.start();
    return node;
  }

  /** A stopped primary of the template's database cluster, configured like it. */
  Node copy(String name) throws Exception {
    var node = node(name);
    PgTemplate.get().copyTo(node.dataDir());
    related.add(node);
    return node;
  }

  /** The same, with an identifier that nobody else has. */
  Node newPrimary(String name) throws Exception {
    var node = node(name);
    assertDone(new InitDb(BIN, OS_USER, node.dataDir(), SUPERUSER, List.of()).run(PATIENCE));
    node.configure("restart_after_crash = off");
    node.start();
    try (var connection = node.open()) {
      assertDone(Roles.ensure(connection, node.settings()));
    }
    return node;
  }

  /** A running standby that streams from {@code upstream}, which still has all its log. */
  Node standby(String name, Node upstream) throws Exception {
    var node = copy(name, upstream);
    node.follow(upstream);
    node.start();
    awaitStreaming(node, upstream);
    return node;
  }

  /** A stopped instance that can follow {@code upstream}, configured like it. */
  Node copy(String name, Node upstream) throws Exception {
    var node = node(name);
    if (related.contains(upstream)) {
      PgTemplate.get().copyTo(node.dataDir(), upstream.dataDir());
      related.add(node);
    } else {
      assertDone(node.clone(upstream));
    }
    return node;
  }

  static void awaitStreaming(Node standby, Node upstream) throws Exception {
    var timeline = upstream.timeline();
    eventually(() ->
        standby.status().role() instanceof InstanceStatus.Standby role
            && role.following(upstream.endpoint(), timeline)
                instanceof InstanceStatus.Following.Yes);
  }

  static void eventually(Callable<Boolean> condition) throws Exception {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("waited for %s", PATIENCE).isLessThan(deadline);
      LockSupport.parkNanos(POLL_EVERY.toNanos());
    }
  }

  static void assertDone(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
  }

  static void own(Path path) throws IOException {
    var owner = FileOwner.of(OS_USER);
    if (owner.isPresent()) {
      owner.get().own(path);
    }
  }

  @Override
  public void close() throws IOException {
    OPEN.remove(this);
    for (var node : nodes) {
      node.kill();
      KernelMemory.release(node.dataDir());
    }
    DurableFiles.deleteContent(root);
    Files.delete(root);
  }

  private static Path newestBinDir() {
    try (var versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions
          .filter(dir -> Files.isExecutable(dir.resolve("bin/pg_rewind")))
          .max(Comparator.comparingInt(dir -> Integer.parseInt(dir.getFileName().toString())))
          .orElseThrow(() -> new IllegalStateException("install PostgreSQL's server packages"))
          .resolve("bin");
    } catch (IOException e) {
      throw new UncheckedIOException("install PostgreSQL's server packages", e);
    }
  }

  /** An instance and what belongs to it. */
  record Node(String name, Path home, int port) {
    Path dataDir() {
      return home.resolve("data");
    }

    Path controlDir() {
      return home.resolve("control");
    }

    Path log() {
      return home.resolve("log");
    }

    RebuildMark mark() {
      return new RebuildMark(controlDir());
    }

    TimelineNumbers numbers() {
      return new TimelineNumbers(dataDir(), controlDir());
    }

    Endpoint endpoint() {
      return new Endpoint("127.0.0.1", port);
    }

    Connection open() throws SQLException {
      var connection = PgConnection.to(endpoint(), SUPERUSER).open("test", PATIENCE);
      try (var statement = connection.createStatement()) {
        statement.execute("SET search_path = public");
      }
      return connection;
    }

    PostgresSettings settings() {
      return new PostgresSettings(
          "127.0.0.1",
          port,
          endpoint(),
          dataDir(),
          Optional.of(BIN),
          home.resolve("pgpass"),
          SUPERUSER,
          REPLICATION,
          Optional.of(REWIND),
          false,
          new TreeMap<>(),
          List.of(),
          List.of(),
          Optional.of(true),
          new TreeMap<>(),
          PATIENCE);
    }

    Outcome clone(Node upstream) {
      var source = new BaseBackup.Source(upstream.endpoint(), REPLICATION, name, Optional.empty());
      var unsynced = new TreeMap<>(Map.of("no-sync", ""));
      return new BaseBackup(BIN, OS_USER, dataDir(), mark(), unsynced).from(source, PATIENCE);
    }

    void configure(String... lines) throws IOException {
      var settings =
          new ArrayList<>(
              List.of(
                  "",
                  "listen_addresses = '127.0.0.1'",
                  "port = " + port,
                  "unix_socket_directories = '%s'".formatted(home),
                  "fsync = off",
                  // Deleted with the directory, also after a kill.
                  "dynamic_shared_memory_type = 'mmap'",
                  "shared_buffers = '8MB'",
                  "min_wal_size = '32MB'",
                  "wal_keep_size = '256MB'",
                  "wal_retrieve_retry_interval = '100ms'"));
      settings.addAll(List.of(lines));
      Files.write(dataDir().resolve("postgresql.conf"), settings, StandardOpenOption.APPEND);
    }

    /** Written on disk: in force at the next start. */
    void follow(Node upstream) throws IOException {
      var quoted = conninfo(upstream).replace("\\", "\\\\").replace("'", "''");
      configure("primary_conninfo = '%s'".formatted(quoted));
      var signal = dataDir().resolve("standby.signal");
      if (Files.notExists(signal)) {
        own(Files.createFile(signal));
      }
    }

    void followByReload(Node upstream) throws SQLException {
      var conninfo = conninfo(upstream).replace("'", "''");
      execute("ALTER SYSTEM SET primary_conninfo = '%s'".formatted(conninfo));
      execute("SELECT pg_reload_conf()");
    }

    private String conninfo(Node upstream) {
      return "host=127.0.0.1 port=%d user=repl password='repl\\'secret' application_name=%s"
          .formatted(upstream.port(), name);
    }

    void start() {
      awaitFree(dataDir().resolve("postmaster.pid"));
      awaitFree(home.resolve(".s.PGSQL.%d.lock".formatted(port)));
      assertDone(
          PgCommand.of(
                  OS_USER,
                  List.of(
                      BIN.resolve("pg_ctl").toString(),
                      "--pgdata=" + dataDir(),
                      "--log=" + log(),
                      "--wait",
                      "start"))
              .runToSuccess(PATIENCE));
    }

    /** The number of a killed server is taken until the host's first process has noticed. */
    private static void awaitFree(Path lockFile) {
      if (Files.notExists(lockFile)) {
        return;
      }
      try {
        var pid = Files.readAllLines(lockFile).getFirst().strip();
        eventually(() ->
            ProcessId.of(Integer.parseInt(pid)).isPresent()
                || Files.notExists(Path.of("/proc", pid)));
      } catch (Exception e) {
        throw new IllegalStateException("cannot read " + lockFile, e);
      }
    }

    void stop() {
      assertDone(
          PgCommand.of(
                  OS_USER,
                  List.of(
                      BIN.resolve("pg_ctl").toString(),
                      "--pgdata=" + dataDir(),
                      "--mode=fast",
                      "--wait",
                      "stop"))
              .runToSuccess(PATIENCE));
    }

    /** SIGKILL to the postmaster and its children; nothing if it does not run. */
    void kill() throws IOException {
      var pidFile = dataDir().resolve("postmaster.pid");
      if (Files.notExists(pidFile)) {
        return;
      }
      var pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
      var postmaster = ProcessHandle.of(pid);
      if (postmaster.isEmpty() || RunningPostmaster.in(dataDir()).isEmpty()) {
        return;
      }
      var all = new ArrayList<>(postmaster.get().descendants().toList());
      all.addFirst(postmaster.get());
      var exits =
          all.stream()
              .flatMap(it -> ProcessId.of(Math.toIntExact(it.pid())).stream())
              .map(ProcessExit::watch)
              .toList();
      all.forEach(ProcessHandle::destroyForcibly);
      for (var exit : exits) {
        exit.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
      }
    }

    void execute(String sql) throws SQLException {
      try (var connection = open();
          var statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }

    String query(String sql) throws SQLException {
      try (var connection = open();
          var statement = connection.createStatement();
          var row = statement.executeQuery(sql)) {
        assertThat(row.next()).isTrue();
        return row.getString(1);
      }
    }

    InstanceStatus status() throws SQLException {
      try (var connection = open()) {
        return StatusQuery.ask(connection);
      }
    }

    /** Of a primary. */
    int timeline() throws SQLException {
      return ((InstanceStatus.Primary) status().role()).timeline();
    }

    Promote.Result promote(int newest, int wanted) throws SQLException {
      try (var connection = open()) {
        return new Promote(numbers(), new TreeSet<>()).run(connection, newest, wanted, PATIENCE);
      }
    }
  }
}
