package dev.matriarch.actors;

import dev.matriarch.actors.ToolBox.Tools;
import dev.matriarch.actors.postgres.BaseBackup;
import dev.matriarch.actors.postgres.Conninfo;
import dev.matriarch.actors.postgres.ControlData;
import dev.matriarch.actors.postgres.CrashRecovery;
import dev.matriarch.actors.postgres.DrainingStop;
import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.GuardianHome;
import dev.matriarch.actors.postgres.IncarnationFile;
import dev.matriarch.actors.postgres.InitDb;
import dev.matriarch.actors.postgres.MoveAside;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConf;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.PgReload;
import dev.matriarch.actors.postgres.PgStart;
import dev.matriarch.actors.postgres.PgStop;
import dev.matriarch.actors.postgres.Promote;
import dev.matriarch.actors.postgres.RebuildMark;
import dev.matriarch.actors.postgres.Rewind;
import dev.matriarch.actors.postgres.Roles;
import dev.matriarch.actors.postgres.StandbyFence;
import dev.matriarch.actors.postgres.SyncInForce;
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
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local PostgreSQL with its settings: each lifecycle operation as one blocking call. It decides
 * nothing.
 *
 * @param site where things are on this host
 */
record PostgresHost(AgentSettings agent, PostgresSettings settings, Site site) {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresHost.class);
  private static final Duration REBUILD_TIMEOUT = Duration.ofDays(7);
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration SICK_STOP_TIMEOUT = Duration.ofSeconds(2);
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

  // --- starting and stopping --------------------------------------------------------------------

  /**
   * Makes a new database cluster and starts it as primary.
   *
   * @param deadline end of the lease on the host's clock, milliseconds; asked at the last moment
   * @param watching gets the guardian as soon as PostgreSQL is being started
   */
  Outcome initialise(DynamicSettings dynamic, LongSupplier deadline, Consumer<Guardian> watching) {
    return withTools(tools -> {
      var moved = moveRemains("failed");
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

  private Outcome standby(
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
        new TreeMap<>());
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

  /**
   * Promotes the standby.
   *
   * @param names for whom commits wait from the first one on
   * @param prepared closed here
   */
  Promote.Result promote(
      int timeline,
      StandbyNames names,
      SortedSet<String> slots,
      Optional<StandbyFence.Handle> prepared) {
    try {
      var handle = prepared.isPresent() ? prepared.get() : newHandle();
      try (var connection = handle.superuser()) {
        if ((names.count() > 0 || site.synchrony().isOurs())
            && site.synchrony().prepareStandby(names, connection)
                instanceof SyncInForce.Result.NotYet(var because)) {
          return new Promote.Result.NotPromoted("commits would not wait as they must: " + because);
        }
        return new Promote(site.numbers(), slots)
            .run(connection, handle.timeline(), timeline, settings.pgCtlTimeout());
      }
    } catch (SQLException e) {
      return new Promote.Result.NotPromoted("cannot connect: " + e.getMessage());
    }
  }

  private StandbyFence.Handle newHandle() throws SQLException {
    var local = PgConnection.local(settings);
    return StandbyFence.Handle.open(local, PgConnection.to(local.server(), settings.replication()));
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

  // --- getting back behind a leader -------------------------------------------------------------

  Outcome recoverCrash() {
    return withTools(tools ->
        new CrashRecovery(tools.binaries(), tools.user(), dataDir(), REBUILD_TIMEOUT).run());
  }

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

  /**
   * Rewinds and starts behind {@code leader}.
   *
   * @param timeline that the leader is on
   */
  Rewind.Result rewind(
      DynamicSettings dynamic,
      Upstream leader,
      int timeline,
      FollowGate gate,
      Consumer<Guardian> watching) {
    return switch (site.tools().find()) {
      case ToolBox.Search.Missing(var reason) -> new Rewind.Result.TryAgain(reason);
      case ToolBox.Search.Found(var tools) -> {
        var rewind =
            new Rewind(
                tools.binaries().directory(),
                tools.user().switchTo(),
                dataDir(),
                site.mark(),
                Optional.empty(),
                settings.parameters().containsKey("restore_command"));
        var role = settings.rewind().orElse(settings.superuser());
        var result =
            rewind.from(new Rewind.Source(leader.postgres(), role, timeline), REBUILD_TIMEOUT);
        yield result instanceof Rewind.Result.Done
                && rebuilt(tools, dynamic, leader, gate, watching)
                    instanceof Outcome.Failed(var reason)
            ? new Rewind.Result.Broken(reason)
            : result;
      }
    };
  }

  /** Copies {@code leader}'s data and starts behind it; what is there is moved aside first. */
  Outcome copy(
      DynamicSettings dynamic, Upstream leader, FollowGate gate, Consumer<Guardian> watching) {
    return withTools(tools -> {
      var moved = moveRemains("replaced");
      if (moved instanceof Outcome.Failed) {
        return moved;
      }
      var backup =
          new BaseBackup(
              tools.binaries().directory(),
              tools.user().switchTo(),
              dataDir(),
              site.mark(),
              settings.basebackup());
      var source =
          new BaseBackup.Source(
              leader.postgres(),
              settings.replication(),
              agent.name().value(),
              Optional.of(SlotNames.of(agent.name())).filter(_ -> dynamic.useSlots()));
      var copied = backup.from(source, REBUILD_TIMEOUT);
      return copied instanceof Outcome.Failed
          ? copied
          : rebuilt(tools, dynamic, leader, gate, watching);
    });
  }

  /**
   * It streams under a name that counts for nothing until the election has given it a number.
   *
   * <p>The mark goes once PostgreSQL was seen consistent. It goes as well where a whole copy does
   * not start: that is no position and no primary either, and another copy would start no better.
   */
  private Outcome rebuilt(
      Tools tools,
      DynamicSettings dynamic,
      Upstream leader,
      FollowGate gate,
      Consumer<Guardian> watching) {
    var upstream = Optional.of(leader).filter(_ -> gate.mayFollow());
    var started = standby(tools, dynamic, upstream, agent.name().value(), watching);
    try {
      if (started instanceof Outcome.Failed || isConsistent()) {
        site.mark().clear();
      }
      return started;
    } catch (IOException e) {
      return new Outcome.Failed("cannot take the mark away: " + e);
    }
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

  private Outcome moveRemains(String reason) {
    try {
      if (!NonEmpty.is(dataDir())) {
        return new Outcome.Done("nothing to move");
      }
      var moved = new MoveAside(dataDir()).run(reason, LocalDateTime.now(ZoneId.systemDefault()));
      if (moved instanceof Outcome.Done(var where)) {
        LOG.warn("the old data are kept: {}", where);
      }
      return moved;
    } catch (IOException e) {
      return new Outcome.Failed("cannot read %s: %s".formatted(dataDir(), e));
    }
  }

  // --- tools ------------------------------------------------------------------------------------

  private interface Work {
    Outcome with(Tools tools);
  }

  private Outcome withTools(Work work) {
    return switch (site.tools().find()) {
      case ToolBox.Search.Found(var tools) -> work.with(tools);
      case ToolBox.Search.Missing(var reason) -> new Outcome.Failed(reason);
    };
  }
}
