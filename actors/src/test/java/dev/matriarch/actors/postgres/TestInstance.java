package dev.matriarch.actors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A real server in a directory of its own; nothing of it is left after {@link #close}. */
final class TestInstance implements AutoCloseable {
  static final PgBinaries BINARIES = binaries();

  /** The program of the first protocol, as agents that are upgraded find it at work. */
  static final Path FIRST_GUARDIAN =
      Path.of("src/test/resources/guardians/protocol-1").toAbsolutePath().normalize();

  static final Path GUARDIAN =
      Path.of("../deploy/src/main/dist/libexec/guardian").toAbsolutePath().normalize();
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  final Path root;
  final Path dataDir;
  final OsUser user;
  final GuardianHome home;
  final int port;
  private final SortedMap<String, String> parameters = new TreeMap<>();

  private TestInstance(Path root, Path guardian) throws IOException {
    this.root = root;
    // PostgreSQL's user has to get through to its own directory.
    run(Optional.empty(), "chmod", "755", root.toString());
    dataDir = root.resolve("data");
    user = OsUser.of(dataDir);
    home = new GuardianHome(guardian, root.resolve("control"), dataDir);
    port = TestPorts.next();
    parameters.putAll(
        Map.of(
            "listen_addresses", "127.0.0.1",
            "port", Integer.toString(port),
            "unix_socket_directories", "",
            "fsync", "off"));
  }

  /** A new cluster, configured as a primary, not started. */
  static TestInstance create() throws IOException {
    return create(GUARDIAN);
  }

  /** As {@link #create()}, below another guardian than the present one. */
  static TestInstance create(Path guardian) throws IOException {
    return create(TestPlace.directory("matriarch-postgres"), guardian);
  }

  /** As {@link #create()}, with all its files in a directory that exists. */
  static TestInstance in(Path root) throws IOException {
    return create(root, GUARDIAN);
  }

  private static TestInstance create(Path root, Path guardian) throws IOException {
    var instance = new TestInstance(root, guardian);
    run(Optional.empty(), "cp", "-a", Template.DIRECTORY.toString(), instance.dataDir.toString());
    instance.configure(new PgConf.ServerRole.Primary());
    return instance;
  }

  /** Made once: initdb takes longer than most tests. */
  private static final class Template {
    static final Path DIRECTORY = make();

    private static Path make() {
      try {
        var parent = TestPlace.directory("matriarch-template");
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(() -> {
                  try {
                    var _ = new ProcessBuilder("rm", "-rf", parent.toString()).start().waitFor();
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                }));
        run(Optional.empty(), "chmod", "755", parent.toString());
        var data = Files.createDirectory(parent.resolve("data"));
        var user = OsUser.of(data).switchTo();
        user.ifPresent(name -> run(Optional.empty(), "chown", name + ":", data.toString()));
        var initdb = BINARIES.program("initdb");
        run(
            user,
            initdb,
            "--pgdata=" + data,
            "--username=postgres",
            "--auth=trust",
            "--data-checksums",
            "--no-sync",
            "--wal-segsize=1");
        return data;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  PgConf conf() {
    return new PgConf(dataDir, BINARIES.version());
  }

  boolean configure(PgConf.ServerRole role) {
    return switch (conf().write(parameters, role)) {
      case PgConf.Result.Written(var changed) -> changed;
      case PgConf.Result.NotWritten(var reason) -> throw new AssertionError(reason);
    };
  }

  boolean configure(String name, String value) {
    parameters.put(name, value);
    return configure(new PgConf.ServerRole.Primary());
  }

  PgStart start() {
    return new PgStart(home, BINARIES, user, new TreeMap<>());
  }

  Guardian primary(long deadlineBootMillis) {
    return ready(start().asPrimary(deadlineBootMillis));
  }

  Guardian primary() {
    return primary(in(Duration.ofHours(1)));
  }

  Guardian standby() {
    configure(new PgConf.ServerRole.StandbyOf(Optional.empty(), Optional.empty()));
    return ready(start().asStandby());
  }

  Guardian ready(Guardian.Start started) {
    var guardian = watching(started);
    assertThat(start().awaitReady(guardian, TIMEOUT)).isEqualTo(new PgStart.Readiness.Accepting());
    return guardian;
  }

  static Guardian watching(Guardian.Start started) {
    return switch (started) {
      case Guardian.Start.Watching(var guardian) -> guardian;
      case Guardian.Start.NotStarted(var reason) -> throw new AssertionError(reason);
    };
  }

  static String reasonOf(Guardian.Start started) {
    return switch (started) {
      case Guardian.Start.Watching(var guardian) ->
          throw new AssertionError("started " + guardian.postmaster());
      case Guardian.Start.NotStarted(var reason) -> reason;
    };
  }

  Outcome stop(PgStop.Mode mode) {
    return new PgStop(dataDir, mode, TIMEOUT).run();
  }

  ControlData control() {
    return switch (ControlData.read(BINARIES, user, dataDir)) {
      case ControlData.Reading.Read(var data) -> data;
      case ControlData.Reading.Unreadable(var reason) -> throw new AssertionError(reason);
    };
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres&connectTimeout=5&socketTimeout=60"
            .formatted(port));
  }

  String query(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  static long in(Duration duration) {
    return HostClock.bootMillis() + duration.toMillis();
  }

  /** When the postmaster ended, by the host's clock. */
  static long endOf(Guardian guardian) throws InterruptedException {
    assertThat(ProcessExit.await(guardian.postmasterExit(), TIMEOUT)).isTrue();
    return HostClock.bootMillis();
  }

  /** Watches the postmaster for a while; true if it is still there then. */
  static boolean survives(Guardian guardian, Duration duration) throws InterruptedException {
    return !ProcessExit.await(guardian.postmasterExit(), duration);
  }

  static void awaitEnd(ProcessId process) throws InterruptedException {
    assertThat(ProcessExit.await(process, TIMEOUT)).isTrue();
  }

  @Override
  public void close() throws IOException {
    var guardian = Guardian.find(home.controlDir());
    new PgStop(dataDir, PgStop.Mode.IMMEDIATE, Duration.ofSeconds(2)).run();
    guardian.ifPresent(g -> {
      g.close();
      g.process().signal(PosixCalls.SIGCONT);
      g.process().signal(PosixCalls.SIGKILL);
    });
    KernelMemory.release(dataDir);
    run(Optional.empty(), "rm", "-rf", root.toString());
  }

  static String run(Optional<String> user, String... argv) {
    return switch (PgCommand.of(user, List.of(argv)).runToSuccess(TIMEOUT)) {
      case Outcome.Done(var output) -> output;
      case Outcome.Failed(var reason) -> throw new AssertionError(reason);
    };
  }

  private static PgBinaries binaries() {
    return switch (PgBinaries.find(Optional.empty(), Optional.empty())) {
      case PgBinaries.Search.Found(var binaries) -> binaries;
      case PgBinaries.Search.Missing(var reason) -> throw new AssertionError(reason);
    };
  }
}
