package dev.matriarch.actors;

import dev.matriarch.actors.ToolBox.Tools;
import dev.matriarch.actors.postgres.BaseBackup;
import dev.matriarch.actors.postgres.CrashRecovery;
import dev.matriarch.actors.postgres.Guardian;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.Rewind;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.SlotNames;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Gets the local data back behind a leader; each way is one blocking call. */
record Rebuild(PostgresHost host) {
  private static final Duration TIMEOUT = Duration.ofDays(7);

  Outcome recoverCrash() {
    return host.withTools(
        tools -> new CrashRecovery(tools.binaries(), tools.user(), host.dataDir(), TIMEOUT).run());
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
    return switch (host.site().tools().find()) {
      case ToolBox.Search.Missing(var reason) -> new Rewind.Result.TryAgain(reason);
      case ToolBox.Search.Found(var tools) -> {
        var rewind =
            new Rewind(
                tools.binaries().directory(),
                tools.user().switchTo(),
                host.dataDir(),
                host.site().mark(),
                Optional.empty(),
                host.settings().parameters().containsKey("restore_command"));
        var role = host.settings().rewind().orElse(host.settings().superuser());
        var result = rewind.from(new Rewind.Source(leader.postgres(), role, timeline), TIMEOUT);
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
    return host.withTools(tools -> {
      var moved = new Remains(host.dataDir()).moveAside("replaced");
      if (moved instanceof Outcome.Failed) {
        return moved;
      }
      var backup =
          new BaseBackup(
              tools.binaries().directory(),
              tools.user().switchTo(),
              host.dataDir(),
              host.site().mark(),
              host.settings().basebackup());
      var source =
          new BaseBackup.Source(
              leader.postgres(),
              host.settings().replication(),
              host.agent().name().value(),
              Optional.of(SlotNames.of(host.agent().name())).filter(_ -> dynamic.useSlots()));
      var copied = backup.from(source, TIMEOUT);
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
    var started = host.standby(tools, dynamic, upstream, host.agent().name().value(), watching);
    try {
      if (started instanceof Outcome.Failed || host.isConsistent()) {
        host.site().mark().clear();
      }
      return started;
    } catch (IOException e) {
      return new Outcome.Failed("cannot take the mark away: " + e);
    }
  }
}
