package dev.matriarch.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One node: the process of its agent, the guardian and the PostgreSQL that belong to it. */
public final class JvmNode {
  /** The guardian and the postmaster below it. */
  public record Guarded(long guardian, long postmaster) {}

  /** The last section of the file, if it is there. */
  private static final String TAGS = "\ntags:\n";

  private final String name;
  private final Place place;
  private final boolean witness;
  private final Path folder;
  private final Path file;
  private final Path log;
  private final Map<String, String> environment = new TreeMap<>();
  private Runnable beforeStart = () -> {};
  private Optional<Path> program = Optional.empty();
  private Optional<Process> agent = Optional.empty();

  /**
   * A node, not started.
   *
   * @param witness whether it has no PostgreSQL
   * @param folder holds all that it writes
   * @param file its configuration
   * @param log gets what the agent prints, of all its lives
   */
  JvmNode(String name, Place place, boolean witness, Path folder, Path file, Path log) {
    this.name = name;
    this.place = place;
    this.witness = witness;
    this.folder = folder;
    this.file = file;
    this.log = log;
  }

  public String name() {
    return name;
  }

  public Place place() {
    return place;
  }

  /** Whether it votes and has no PostgreSQL. */
  public boolean isWitness() {
    return witness;
  }

  /** Holds all that it writes. */
  public Path folder() {
    return folder;
  }

  public Path dataDir() {
    return folder.resolve("data");
  }

  /** Holds what the voter must not forget. */
  public Path stateDir() {
    return folder.resolve("state");
  }

  Path control() {
    return stateDir().resolve("control");
  }

  public Rest rest() {
    return new Rest(place);
  }

  @Override
  public String toString() {
    return name;
  }

  // --- processes --------------------------------------------------------------------------------

  /** What the agent and all that it starts finds in its environment, from its next start on. */
  public void setEnvironment(String variable, String value) {
    environment.put(variable, value);
  }

  /** Does this before each start of the agent. */
  public void beforeStart(Runnable action) {
    beforeStart = action;
  }

  /** Runs the agent of another distribution, from its next start on. */
  public void setProgram(Path program) {
    this.program = Optional.of(program);
  }

  /** What it may be used for, {@code tags} in its file, from the agent's next start on. */
  void setTags(Map<String, String> tags) {
    var section =
        new TreeMap<>(tags)
            .entrySet().stream()
                .map(it -> "  %s: %s%n".formatted(it.getKey(), it.getValue()))
                .collect(Collectors.joining("", TAGS, ""));
    try {
      var text = Files.readString(file);
      var end = text.indexOf(TAGS);
      Files.writeString(file, (end < 0 ? text : text.substring(0, end)) + section);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String program() {
    return program.orElseGet(Distribution::program).toString();
  }

  public void start() {
    if (isAgentAlive()) {
      throw new IllegalStateException("the agent of %s runs already".formatted(name));
    }
    var command = new ArrayList<String>();
    place.namespace().ifPresent(it -> command.addAll(List.of("ip", "netns", "exec", it)));
    command.addAll(List.of(program(), "run", file.toString()));
    var builder = prepared(command).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    beforeStart.run();
    try {
      agent = Optional.of(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command, e);
    }
  }

  private static ProcessBuilder prepared(List<String> command) {
    var builder =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true);
    builder.environment().put("MATRIARCH_CACHE_DIR", Distribution.CACHE.toString());
    builder.environment().put("MATRIARCH_JAVA_HOME", System.getProperty("java.home"));
    return builder;
  }

  /**
   * Runs the program with this node's configuration, as an operator does, and gives what it says.
   *
   * @throws IllegalStateException if it fails
   */
  String operate(String command, String... options) {
    var words = new ArrayList<>(List.of(program(), command, "-c", file.toString()));
    words.addAll(List.of(options));
    try {
      var process = prepared(words).start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("%s: %s".formatted(words, said));
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + words, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  public boolean isAgentAlive() {
    return agent.filter(Process::isAlive).isPresent();
  }

  /** The process of the agent, if it lives. */
  public OptionalLong agentPid() {
    return agent.filter(Process::isAlive).stream().mapToLong(Process::pid).findFirst();
  }

  private Process agent() {
    return agent
        .filter(Process::isAlive)
        .orElseThrow(
            () -> new IllegalStateException("the agent of %s does not run".formatted(name)));
  }

  /** The agent alone; its guardian and PostgreSQL stay. */
  public void killAgent() {
    var process = agent();
    OsProcess.signal("KILL", process.pid());
    waitFor(process, Duration.ofSeconds(10));
  }

  public void freezeAgent() {
    OsProcess.signal("STOP", agent().pid());
  }

  public void thawAgent() {
    OsProcess.signal("CONT", agent().pid());
  }

  /** The guardian alone: PostgreSQL and the agent stay. */
  public void signalGuardian(String signal) {
    OsProcess.signal(signal, guarded().orElseThrow().guardian());
  }

  /** The postmaster alone, by SIGKILL. */
  public void killPostmaster() {
    OsProcess.signal("KILL", guarded().orElseThrow().postmaster());
  }

  /** The postmaster alone: its open sessions go on, and nobody new is let in. */
  public void freezePostmaster() {
    OsProcess.signal("STOP", guarded().orElseThrow().postmaster());
  }

  /** A smart shutdown by hand: nobody new is let in, and it ends once all sessions have ended. */
  public void endPostmasterAfterItsClients() {
    OsProcess.signal("TERM", guarded().orElseThrow().postmaster());
  }

  /** As a power failure ends them: agent, guardian and PostgreSQL by SIGKILL. */
  public void crash() {
    agent.filter(Process::isAlive).ifPresent(it -> OsProcess.signal("KILL", it.pid()));
    OsProcess.killAll(folder);
    agent.ifPresent(it -> waitFor(it, Duration.ofSeconds(10)));
  }

  /** SIGTERM; returns the exit status. */
  public int stop(Duration patience) {
    var process = agent();
    OsProcess.signal("TERM", process.pid());
    return waitFor(process, patience);
  }

  private int waitFor(Process process, Duration patience) {
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            "the agent of %s has not ended within %s%n%s".formatted(name, patience, logTail(40)));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What the guardian's file names, as far as both live. */
  public Optional<Guarded> guarded() {
    try {
      var words = Files.readString(control().resolve("guardian.pid")).strip().split(" ", -1);
      var pair = new Guarded(Long.parseLong(words[0]), Long.parseLong(words[2]));
      return Optional.of(pair)
          .filter(it -> OsProcess.lives(it.guardian()) && OsProcess.lives(it.postmaster()));
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  /** Whether any process of PostgreSQL is left. */
  public boolean isPostgresRunning() {
    return Files.exists(dataDir()) && OsProcess.of(dataDir()).length > 0;
  }

  // --- SQL --------------------------------------------------------------------------------------

  /** As superuser, with short time-outs; keeps the server's log free of refused writes. */
  public Connection connect() throws SQLException {
    return connectFrom(place.namespace());
  }

  /** As {@link #connect}, from another network namespace than the node's own. */
  public Connection connectFrom(Optional<String> namespace) throws SQLException {
    var inside =
        namespace
            .map(it ->
                "&socketFactory=%s&socketFactoryArg=%s".formatted(Sockets.class.getName(), it))
            .orElse("");
    return DriverManager.getConnection(
        "jdbc:postgresql://%s/postgres?user=postgres&password=%s"
                .formatted(place.postgres(), NodeFile.PASSWORD)
            + "&connectTimeout=1&socketTimeout=3&options=-c%20log_min_messages=fatal"
            + "&ApplicationName=trial"
            + inside);
  }

  public void execute(String sql) {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("%s on %s: %s".formatted(sql, name, e.getMessage()), e);
    }
  }

  /** The first column of all rows. */
  public List<String> query(String sql) {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    } catch (SQLException e) {
      throw new IllegalStateException("%s on %s: %s".formatted(sql, name, e.getMessage()), e);
    }
  }

  // --- logs -------------------------------------------------------------------------------------

  /** All that the agent has printed. */
  public List<String> log() {
    return lines(log);
  }

  /** How long the log is, to look later at what came since. */
  public int logMark() {
    return log().size();
  }

  public List<String> logSince(int mark) {
    var lines = log();
    return lines.subList(Math.min(mark, lines.size()), lines.size());
  }

  private static List<String> lines(Path path) {
    try {
      return Files.exists(path) ? Files.readAllLines(path) : List.of();
    } catch (IOException e) {
      return List.of("(cannot read %s: %s)".formatted(path, e));
    }
  }

  /** The ends of the logs of the agent, the guardian and PostgreSQL. */
  String logTail(int count) {
    return List.of(log, control().resolve("guardian.log"), control().resolve("postgresql.log"))
        .stream()
        .map(path -> {
          var lines = lines(path);
          var tail = lines.subList(Math.max(0, lines.size() - count), lines.size());
          return "---- %s, %s%n%s"
              .formatted(name, path.getFileName(), String.join(System.lineSeparator(), tail));
        })
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
