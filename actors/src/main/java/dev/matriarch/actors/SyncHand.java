package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConf;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.StandbyWatch;
import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.actors.postgres.SyncSettingFile;
import dev.matriarch.actors.postgres.SyncState;
import dev.matriarch.config.PostgresSettings;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.sync.StandbyNames;
import dev.matriarch.protocol.sync.SyncView;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one hand on the local PostgreSQL's synchronous setting: whoever changes it does so here. It
 * works once PostgreSQL's programs are found. Any thread may use it.
 */
final class SyncHand {
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(2);

  /** An answer takes a flush and a way; a standby that owes one for longer may be gone. */
  private static final Duration SILENCE = Duration.ofMillis(500);

  private final PostgresSettings settings;
  private final ToolBox tools;
  private final SyncSettingFile file;
  private volatile StandbyWatch watch = new StandbyWatch(SILENCE);
  private volatile Optional<SyncInForce> made = Optional.empty();
  private volatile List<SyncView.Standby> standbys = List.of();
  private @Nullable Connection connection;

  SyncHand(PostgresSettings settings, ToolBox tools, Path controlDir) {
    this.settings = settings;
    this.tools = tools;
    file = new SyncSettingFile(controlDir);
  }

  /** As of the last look or change; never waits. */
  SyncState state() {
    return made.map(SyncInForce::state).orElse(SyncState.UNKNOWN);
  }

  /** See {@link SyncInForce#isWatching}. */
  boolean isWatching() {
    return made.filter(SyncInForce::isWatching).isPresent();
  }

  /** Whether the setting was ever this agent's; if not, it is the operator's own. */
  boolean isOurs() {
    return !(file.read() instanceof SyncSettingFile.Reading.Nothing);
  }

  /** What the configuration has to say whenever it is written; empty: the operator's own. */
  Optional<StandbyNames> forConfiguration() {
    return file.forConfiguration();
  }

  /** As of the last look; never waits. */
  List<SyncView.Standby> standbys() {
    return standbys;
  }

  /** Looks at the setting, and at who streams from here. */
  synchronized void look(Function<NodeId, Tags> tags, Duration now) {
    try {
      var open = connection(); // logging in for each look would be most of its work
      inForce().ifPresent(it -> it.look(open));
      standbys = watch.look(open, tags, now);
    } catch (SQLException e) {
      close(); // what was seen last grows old, and nobody new is taken in
    }
  }

  private Connection connection() throws SQLException {
    var open = connection;
    if (open == null || open.isClosed()) {
      open = PgConnection.local(settings).open(PgConnection.SHORT_JOB, QUERY_TIMEOUT);
      connection = open;
    }
    return open;
  }

  private void close() {
    var open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // It is of no use any more either way.
      }
    }
  }

  /** Nobody streams from here any more; what was seen of them says nothing about a later time. */
  void forget() {
    if (!standbys.isEmpty()) {
      watch = new StandbyWatch(SILENCE);
      standbys = List.of();
    }
  }

  SyncInForce.Result bring(StandbyNames goal) {
    return inForce().map(it -> it.bring(goal)).orElseGet(SyncHand::noTools);
  }

  SyncInForce.Result prepareStandby(StandbyNames goal) {
    return inForce().map(it -> it.prepareStandby(goal)).orElseGet(SyncHand::noTools);
  }

  /** As above, on a connection of the superuser. */
  SyncInForce.Result prepareStandby(StandbyNames goal, Connection control) {
    return inForce().map(it -> it.prepareStandby(goal, control)).orElseGet(SyncHand::noTools);
  }

  Outcome beforeStart(StandbyNames goal) {
    return inForce()
        .map(it -> it.beforeStart(goal))
        .orElseGet(() -> new Outcome.Failed("PostgreSQL's programs are not found"));
  }

  private static SyncInForce.Result noTools() {
    return new SyncInForce.Result.NotYet("PostgreSQL's programs are not found");
  }

  private synchronized Optional<SyncInForce> inForce() {
    if (made.isEmpty() && tools.find() instanceof ToolBox.Search.Found(var found)) {
      var conf = new PgConf(settings.dataDir(), found.binaries().version());
      var place = new SyncInForce.Place(PgConnection.local(settings), conf, file);
      made = Optional.of(new SyncInForce(place, SyncInForce.Timing.DEFAULT));
    }
    return made;
  }
}
