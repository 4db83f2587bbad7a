package dev.matriarch.actors;

import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConf;
import dev.matriarch.actors.postgres.PgConnection;
import dev.matriarch.actors.postgres.SyncInForce;
import dev.matriarch.actors.postgres.SyncSettingFile;
import dev.matriarch.actors.postgres.SyncState;
import dev.matriarch.config.PostgresSettings;
import dev.matriarch.protocol.sync.StandbyNames;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The one hand on the local PostgreSQL's synchronous setting: whoever changes it does so here. It
 * works once PostgreSQL's programs are found. Any thread may use it.
 */
final class SyncHand {
  private final PostgresSettings settings;
  private final ToolBox tools;
  private final SyncSettingFile file;
  private volatile Optional<SyncInForce> made = Optional.empty();

  SyncHand(PostgresSettings settings, ToolBox tools, Path controlDir) {
    this.settings = settings;
    this.tools = tools;
    file = new SyncSettingFile(controlDir);
  }

  /** As of the last look or change; never waits. */
  SyncState state() {
    return made.map(SyncInForce::state).orElse(SyncState.UNKNOWN);
  }

  /** Whether the setting was ever this agent's; if not, it is the operator's own. */
  boolean isOurs() {
    return !(file.read() instanceof SyncSettingFile.Reading.Nothing);
  }

  /** What is on disk, or is to be, where the whole configuration is written. */
  Optional<StandbyNames> onDisk() {
    return file.read() instanceof SyncSettingFile.Reading.Noted(var noted)
        ? Optional.of(noted.newest())
        : Optional.empty();
  }

  void look() {
    inForce().ifPresent(SyncInForce::look);
  }

  SyncInForce.Result bring(StandbyNames goal) {
    return inForce().map(it -> it.bring(goal)).orElseGet(SyncHand::noTools);
  }

  SyncInForce.Result prepareStandby(StandbyNames goal) {
    return inForce().map(it -> it.prepareStandby(goal)).orElseGet(SyncHand::noTools);
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
