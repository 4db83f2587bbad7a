package dev.matriarch.actors;

import dev.matriarch.actors.ToolBox.Tools;
import dev.matriarch.actors.postgres.Conninfo;
import dev.matriarch.actors.postgres.ControlData;
import dev.matriarch.actors.postgres.DrainingStop;
import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.GuardianHome;
import dev.matriarch.actors.postgres.IncarnationFile;
import dev.matriarch.actors.postgres.InitDb;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConf;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.PgReload;
import dev.matriarch.actors.postgres.PgStart;
import dev.matriarch.actors.postgres.PgStop;
import dev.matriarch.actors.postgres.PromotionFile;
import dev.matriarch.actors.postgres.RebuildMark;
import dev.matriarch.actors.postgres.Roles;
import dev.matriarch.actors.postgres.StandbyFence;
import dev.matriarch.actors.postgres.TimelineNumbers;
import dev.matriarch.config.AgentSettings;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.PostgresSettings;
import dev.matriarch.config.SlotNames;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.StandbyNames;
import dev.matriarch.protocol.sync.SyncMode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The local PostgreSQL with its settings: each lifecycle operation as one blocking call. It decides
 * nothing.
 *
 * @param site where things are on this host
 */
record PostgresHost(AgentSettings agent, PostgresSettings settings, Site site) {
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration SICK_STOP_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration IMMEDIATE_STOP_TIMEOUT = Duration.ofMillis(500);
  private static final Set<String> ON_COMMAND_LINE =
      Set.of(
          "listen_addresses",
          "port",
          "cluster_name",
          "wal_level",
          "hot_standby",
          "max_connections",
          "max_wal_senders",
          "max_prepared_transactions",
          "max_locks_per_transaction",
          "track_commit_timestamp",
          "max_replication_slots",
          "max_worker_processes",
          "wal_log_hints");

  /**
   * Where the guardian, the mark of a rebuild, the reserved timelines and the programs are, and who
   * sets for whom commits wait.
   */
  record Site(
      GuardianHome guardian,
      RebuildMark mark,
      TimelineNumbers numbers,
      ToolBox tools,
      SyncHand synchrony) {
    static Site of(AgentSettings agent, PostgresSettings settings, Path guardianProgram) {
      var control = Home.control(agent.cluster().dataDir());
      var tools = new ToolBox(settings);
      return new Site(
          new GuardianHome(guardianProgram, control, settings.dataDir()),
          new RebuildMark(control),
          new TimelineNumbers(settings.dataDir(), control),
          tools,
          new SyncHand(settings, tools, control));
    }
  }

  private ServerFiles files() {
    return new ServerFiles(agent, settings, site.synchrony());
  }

  Path dataDir() {
    return settings.dataDir();
  }

  /** The setting with which this node's PostgreSQL is a primary under the record. */
  static StandbyNames namesFor(Knowledge knowledge) {
    var set = knowledge.lease.known().flatMap(ClusterRecord::sync);
    return StandbyNames.of(knowledge.dynamic().synchronous().settingFor(set), knowledge.self);
  }

  IncarnationFile incarnationFile() {
    return new IncarnationFile(dataDir(), agent.name());
  }

  PromotionFile promotionFile() {
    return new PromotionFile(dataDir(), agent.name());
  }

  // --- starting and stopping --------------------------------------------------------------------

  /**
   * Makes a new database cluster and starts it as primary.
   *
   * @param deadline end of the lease on the host's clock, milliseconds; asked at the last moment
   * @param watching gets the guardian as soon as PostgreSQL is being started
   */
  Outcome initialise(DynamicSettings dynamic, LongSupplier deadline, Consumer<Guardian> watching) {
    return withTools(tools -> {
      var moved = new Remains(dataDir()).moveAside("failed");
      if (moved instanceof Outcome.Failed) {
        return moved;
      }
      try {
        site.mark().set(RebuildMark.Work.INITDB, dataDir());
        var init =
            new InitDb(
                tools.binaries().directory(),
                tools.user().switchTo(),
                dataDir(),
                settings.superuser(),
                agent.bootstrap().initdb());
        var made = init.run(settings.pgCtlTimeout());
        if (made instanceof Outcome.Failed) {
          site.mark().clear();
          return made;
        }
        var started =
            start(tools, dynamic, new PgConf.ServerRole.Primary(), true, deadline, watching);
        return started instanceof Outcome.Failed ? started : firstRoles();
      } catch (IOException e) {
        return new Outcome.Failed("cannot write beside %s: %s".formatted(dataDir(), e));
      }
    });
  }

  /** The last step of making a cluster. */
  Outcome firstRoles() {
    try (var connection =
        PgConnection.local(settings).open(PgConnection.SHORT_JOB, settings.pgCtlTimeout())) {
      var ensured = Roles.ensure(connection, settings);
      if (ensured instanceof Outcome.Done) {
        site.mark().clear();
      }
      return ensured;
    } catch (SQLException e) {
      return new Outcome.Failed("cannot make the roles: " + e.getMessage());
    } catch (IOException e) {
      return new Outcome.Failed("cannot take the mark away: " + e);
    }
  }

  /**
   * Starts in place what was the primary.
   *
   * @param names for whom commits wait from the first one on
   */
  Outcome startPrimary(
      DynamicSettings dynamic,
      StandbyNames names,
      LongSupplier deadline,
      Consumer<Guardian> watching) {
    return withTools(tools -> {
      var primary = new PgConf.ServerRole.Primary();
      if (names.count() > 0 || site.synchrony().isOurs()) {
        var set = site.synchrony().beforeStart(names);
        if (set instanceof Outcome.Failed) {
          return set;
        }
      }
      return start(tools, dynamic, primary, false, deadline, watching);
    });
  }

  Outcome startStandby(
      DynamicSettings dynamic, Optional<Upstream> upstream, Consumer<Guardian> watching) {
    return withTools(
        tools -> standby(tools, dynamic, upstream, applicationName(dynamic), watching));
  }

  /** Starts as standby that streams under {@code applicationName}. */
  Outcome standby(
      Tools tools,
      DynamicSettings dynamic,
      Optional<Upstream> upstream,
      String applicationName,
      Consumer<Guardian> watching) {
    if (site.numbers().clear() instanceof Outcome.Failed failed) {
      return failed;
    }
    var role = role(dynamic, upstream, applicationName);
    return start(tools, dynamic, role, false, () -> 0, watching);
  }

  private PgConf.ServerRole role(
      DynamicSettings dynamic, Optional<Upstream> upstream, String applicationName) {
    return upstream
        .<PgConf.ServerRole>map(it ->
            new PgConf.ServerRole.StandbyOf(
                Optional.of(conninfo(it, applicationName)),
                Optional.of(SlotNames.of(agent.name())).filter(_ -> dynamic.useSlots())))
        .orElseGet(PgConf.ServerRole.Fenced::new);
  }

  /** For a stream that confirms nothing that counts. */
  Conninfo plainConninfo(Upstream upstream) {
    return conninfo(upstream, agent.name().value());
  }

  private Conninfo conninfo(Upstream upstream, String applicationName) {
    return new Conninfo(
        upstream.postgres(),
        settings.replication().username(),
        applicationName,
        settings.pgpass(),
        Conninfo.STREAM);
  }

  /** In synchronous mode what is confirmed counts for these data, not for this node. */
  private String applicationName(DynamicSettings dynamic) {
    var number =
        incarnationFile().read() instanceof IncarnationFile.Reading.Found(var found)
            ? Optional.of(found)
            : Optional.<Long>empty();
    return applicationName(agent.name(), dynamic, number);
  }

  /** The name under which a standby is to stream. */
  static String applicationName(NodeId node, DynamicSettings dynamic, Optional<Long> number) {
    return number
        .filter(it -> it != IncarnationFile.NONE)
        .filter(_ -> dynamic.synchronous().mode() != SyncMode.OFF && IncarnationName.canName(node))
        .map(it -> IncarnationName.format(new Incarnation(node, it)))
        .orElse(node.value());
  }

  private Outcome start(
      Tools tools,
      DynamicSettings dynamic,
      PgConf.ServerRole role,
      boolean isNew,
      LongSupplier deadline,
      Consumer<Guardian> watching) {
    var written = files().write(tools, dynamic, role, isNew);
    if (written instanceof Outcome.Failed) {
      return written;
    }
    var start = starting(tools, dynamic, role);
    var started =
        role instanceof PgConf.ServerRole.Primary
            ? start.asPrimary(deadline.getAsLong())
            : start.asStandby();
    return switch (started) {
      case Guardian.Start.NotStarted(var reason) -> new Outcome.Failed(reason);
      case Guardian.Start.Watching(var guardian) -> {
        watching.accept(guardian);
        yield switch (start.awaitReady(guardian, settings.pgCtlTimeout())) {
          case PgStart.Readiness.Accepting() -> new Outcome.Done("PostgreSQL accepts connections");
          case PgStart.Readiness.NotYet(var reason) -> new Outcome.Done("started; " + reason);
          case PgStart.Readiness.Ended(var reason) -> new Outcome.Failed(reason);
        };
      }
    };
  }

  private PgStart starting(Tools tools, DynamicSettings dynamic, PgConf.ServerRole role) {
    var parameters = new TreeMap<>(files().parameters(tools, dynamic, role));
    parameters.keySet().retainAll(ON_COMMAND_LINE);
    return new PgStart(site.guardian(), tools.binaries(), tools.user(), parameters);
  }

  Outcome stop(boolean immediate) {
    if (immediate) {
      return new PgStop(dataDir(), PgStop.Mode.IMMEDIATE, IMMEDIATE_STOP_TIMEOUT).run();
    }
    var fast = new PgStop(dataDir(), PgStop.Mode.FAST, settings.pgCtlTimeout()).run();
    return switch (fast) {
      case Outcome.Done done -> done;
      case Outcome.Failed cancelled when Thread.currentThread().isInterrupted() -> cancelled;
      case Outcome.Failed _ ->
          new PgStop(dataDir(), PgStop.Mode.IMMEDIATE, IMMEDIATE_STOP_TIMEOUT).run();
    };
  }

  /** Of a server that does not commit: in order, if that goes quickly. */
  Outcome stopSick() {
    var fast = new PgStop(dataDir(), PgStop.Mode.FAST, SICK_STOP_TIMEOUT).run();
    return fast instanceof Outcome.Done ? fast : stop(true);
  }

  /**
   * A fast stop that does not wait for ever for standbys and logical subscribers.
   *
   * @param drain how long they may take, before the shutdown checkpoint and after it
   */
  Outcome stopDraining(Duration drain) {
    var stop = new DrainingStop(dataDir(), drain, settings.pgCtlTimeout(), this::state);
    return stop.run();
  }

  private Optional<ControlData.State> state() {
    return control() instanceof ControlData.Reading.Read(var control)
        ? Optional.of(control.state())
        : Optional.empty();
  }

  Outcome follow(DynamicSettings dynamic, Upstream upstream) {
    return withTools(tools -> {
      var written =
          files()
              .write(
                  tools,
                  dynamic,
                  role(dynamic, Optional.of(upstream), applicationName(dynamic)),
                  false);
      return written instanceof Outcome.Failed ? written : new PgReload(dataDir()).run();
    });
  }

  // --- the fence --------------------------------------------------------------------------------

  StandbyFence.Place fencePlace(Tools tools) {
    var local = PgConnection.local(settings);
    return new StandbyFence.Place(
        dataDir(),
        tools.binaries().version(),
        site.numbers(),
        site.mark(),
        local,
        PgConnection.to(local.server(), settings.replication()));
  }

  PgStart fencedStart(Tools tools, DynamicSettings dynamic) {
    return starting(tools, dynamic, new PgConf.ServerRole.Fenced());
  }

  // --- what is there ----------------------------------------------------------------------------

  /** Whether the log was written with larger limits than this standby was started with. */
  boolean isTooSmall() {
    if (!(control() instanceof ControlData.Reading.Read(var control))) {
      return false;
    }
    try (var connection = PgConnection.local(settings).open(PgConnection.SHORT_JOB, QUERY_TIMEOUT);
        var statement = connection.prepareStatement("SELECT current_setting(?)::int")) {
      for (var limit : control.limits().entrySet()) {
        statement.setString(1, limit.getKey());
        try (var row = statement.executeQuery()) {
          if (row.next() && row.getInt(1) < limit.getValue()) {
            return true;
          }
        }
      }
      return false;
    } catch (SQLException e) {
      return false;
    }
  }

  /** What the control file says; a started standby knows more. */
  ControlData.Reading control() {
    return switch (site.tools().find()) {
      case ToolBox.Search.Found(var tools) ->
          ControlData.read(tools.binaries(), tools.user(), dataDir());
      case ToolBox.Search.Missing(var reason) -> new ControlData.Reading.Unreadable(reason);
    };
  }

  /** A standby accepts connections once it is consistent. */
  boolean isConsistent() {
    try (var connection =
        PgConnection.local(settings).open(PgConnection.SHORT_JOB, QUERY_TIMEOUT)) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  // --- tools ------------------------------------------------------------------------------------

  /** What the programs are needed for. */
  interface Work {
    Outcome with(Tools tools);
  }

  /** Does {@code work}, or says what is missing. */
  Outcome withTools(Work work) {
    return switch (site.tools().find()) {
      case ToolBox.Search.Found(var tools) -> work.with(tools);
      case ToolBox.Search.Missing(var reason) -> new Outcome.Failed(reason);
    };
  }
}
