package dev.matriarch.config;

import dev.matriarch.config.PostgresSettings.Credentials;
import dev.matriarch.protocol.model.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads {@code postgresql}. */
final class PostgresSection {
  static final int PORT = 5432;

  private static final Duration PG_CTL_TIMEOUT = Duration.ofSeconds(60);

  /** The agent sets these of pg_basebackup's options itself. */
  private static final Set<String> BASEBACKUP_OF_AGENT =
      Set.of(
          "pgdata",
          "format",
          "wal-method",
          "xlog-method",
          "gzip",
          "version",
          "dbname",
          "host",
          "port",
          "username",
          "password");

  final Optional<ListenAddress> listen;
  final Optional<Endpoint> connectAddress;
  final Optional<Path> dataDir;

  private final Optional<Path> binDir;
  private final Optional<Path> pgpass;
  private final Credentials superuser;
  private final Optional<Credentials> replication;
  private final Optional<Credentials> rewind;
  private final boolean useUnixSocket;
  private final SortedMap<String, String> parameters;
  private final List<String> pgHba;
  private final List<String> pgIdent;
  private final Optional<Boolean> usePgRewind;
  private final SortedMap<String, String> basebackup;
  private final Duration pgCtlTimeout;

  PostgresSection(Section section, Findings findings) {
    listen =
        section
            .required("listen", listenForm())
            .flatMap(text -> {
              var parsed = ListenAddress.parse(text, PORT);
              if (parsed.isEmpty()) {
                section.problem("listen", listenForm());
              }
              return parsed;
            });
    connectAddress = connectAddress(section, listen);
    var hasDataDir =
        section.required(
            "data_dir",
            "Write the path of PostgreSQL's data directory, '/var/lib/postgresql/15/main'.");
    dataDir = hasDataDir.flatMap(_ -> section.path("data_dir"));
    binDir = section.path("bin_dir");
    pgpass = section.path("pgpass");
    useUnixSocket = section.flag("use_unix_socket").orElse(false);
    if (useUnixSocket) {
      findings.notYet(section.pathOf("use_unix_socket"), NoEffect.TCP_ONLY);
    }
    usePgRewind = section.flag("use_pg_rewind");
    pgCtlTimeout = section.duration("pg_ctl_timeout", PG_CTL_TIMEOUT, Duration.ofSeconds(1));
    pgHba = section.lines("pg_hba");
    pgIdent = section.lines("pg_ident");
    parameters = parameters(section, findings);
    basebackup = basebackup(section, findings);

    var roles = section.sectionOrEmpty("authentication");
    superuser =
        roles
            .section("superuser")
            .flatMap(role -> credentials(role, Optional.of("postgres")))
            .orElse(new Credentials("postgres", Optional.empty()));
    var replicationRole = roles.section("replication");
    if (replicationRole.isEmpty()) {
      roles.missing(
          "replication",
          "Write a section with the username and password that replicas connect with.");
    }
    replication = replicationRole.flatMap(role -> credentials(role, Optional.empty()));
    rewind = roles.section("rewind").flatMap(role -> credentials(role, Optional.empty()));
    roles.finish(Map.of());
    finish(section, findings);
  }

  /** Only after a reading without problems. */
  PostgresSettings settings(Path agentDir) {
    var address = listen.orElseThrow();
    return new PostgresSettings(
        String.join(",", address.hosts()),
        address.port(),
        connectAddress.orElseThrow(),
        dataDir.orElseThrow(),
        binDir,
        pgpass.orElse(agentDir.resolve("pgpass")),
        superuser,
        replication.orElseThrow(),
        rewind,
        useUnixSocket,
        parameters,
        pgHba,
        pgIdent,
        usePgRewind,
        basebackup,
        pgCtlTimeout);
  }

  private static String listenForm() {
    return "Write host:port, '10.0.0.1:5432', '*:5432', or several hosts with one port,"
        + " '127.0.0.1,10.0.0.1:5432'.";
  }

  private static Optional<Endpoint> connectAddress(
      Section section, Optional<ListenAddress> listen) {
    if (section.value("connect_address").isPresent()) {
      return section.reachable("connect_address", PORT);
    }
    var same = listen.flatMap(ListenAddress::reachable);
    if (same.isEmpty()) {
      section.missing(
          "connect_address",
          "Write the host and port that the other members connect to, '10.0.0.1:5432'.");
    }
    return same;
  }

  private static Optional<Credentials> credentials(Section role, Optional<String> otherwise) {
    var username =
        otherwise.isPresent() && role.value("username").isEmpty()
            ? otherwise
            : role.required("username", "Write the name of a database role.");
    var password = role.text("password").filter(text -> !text.isEmpty());
    role.finish(NoEffect.CREDENTIALS);
    return username.map(name -> new Credentials(name, password));
  }

  private static SortedMap<String, String> parameters(Section section, Findings findings) {
    var result = new TreeMap<String, String>();
    section
        .parameters("recovery_conf")
        .forEach((name, value) -> {
          if (ManagedParameters.isOfRecovery(name)) {
            result.put(name, value);
          } else {
            findings.unused(section.pathOf("recovery_conf") + "." + name, "the agent decides it");
          }
        });
    result.putAll(section.parameters("parameters"));
    return ManagedParameters.kept(section.pathOf("parameters"), result, findings::warn);
  }

  private static SortedMap<String, String> basebackup(Section section, Findings findings) {
    var result = new TreeMap<String, String>();
    section
        .options("basebackup")
        .forEach((option, value) -> {
          if (BASEBACKUP_OF_AGENT.contains(option)) {
            findings.warn(
                "%s.%s is ignored: the agent sets it"
                    .formatted(section.pathOf("basebackup"), option));
          } else {
            result.put(option, value);
          }
        });
    return result;
  }

  /** A section with a command is a method of making replicas, whatever its name. */
  private static void finish(Section section, Findings findings) {
    for (var key : section.keys()) {
      if (!NoEffect.POSTGRESQL.containsKey(key)
          && section.object().get(key) instanceof Map<?, ?> method
          && method.containsKey("command")) {
        section.mentions(key);
        findings.unused(section.pathOf(key), "replicas are made with pg_basebackup");
      }
    }
    section.finish(NoEffect.POSTGRESQL);
  }
}
