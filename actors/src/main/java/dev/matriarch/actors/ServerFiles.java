package dev.matriarch.actors;

import dev.matriarch.actors.ToolBox.Tools;
import dev.matriarch.actors.postgres.ControlData;
import dev.matriarch.actors.postgres.CrashSync;
import dev.matriarch.actors.postgres.HbaDefaults;
import dev.matriarch.actors.postgres.Outcome;
import dev.matriarch.actors.postgres.PgConf;
import dev.matriarch.actors.postgres.PgPass;
import dev.matriarch.actors.postgres.SyncSettingFile;
import dev.matriarch.config.AgentSettings;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.EffectiveParameters;
import dev.matriarch.config.PostgresSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the agent writes for PostgreSQL: configuration, access rules and passwords. */
record ServerFiles(AgentSettings agent, PostgresSettings settings, SyncHand synchrony) {

  /** Writes them all; they take effect with the next start or reload. */
  Outcome write(Tools tools, DynamicSettings dynamic, PgConf.ServerRole role, boolean isNew) {
    var passwords = new PgPass(settings.pgpass()).write(passEntries(), settings.dataDir());
    if (passwords instanceof Outcome.Failed) {
      return passwords;
    }
    var conf = new PgConf(settings.dataDir(), tools.binaries().version());
    var results =
        List.of(
            conf.write(parameters(tools, dynamic, role), role),
            conf.writeHba(hba(dynamic, isNew)),
            conf.writeIdent(settings.pgIdent()));
    for (var result : results) {
      if (result instanceof PgConf.Result.NotWritten(var reason)) {
        return new Outcome.Failed(reason);
      }
    }
    return new Outcome.Done("configured");
  }

  SortedMap<String, String> parameters(
      Tools tools, DynamicSettings dynamic, PgConf.ServerRole role) {
    var version = tools.binaries().version();
    var parameters = new TreeMap<>(EffectiveParameters.of(dynamic, settings, agent.scope()));
    var conf = new PgConf(settings.dataDir(), version);
    CrashSync.defaults(version)
        .forEach((name, value) -> {
          if (!conf.isOperators(name)) {
            parameters.putIfAbsent(name, value);
          }
        });
    synchrony
        .forConfiguration()
        .ifPresent(it -> parameters.put(SyncSettingFile.PARAMETER, it.format()));
    return switch (role) {
      case PgConf.ServerRole.Primary _ -> parameters;
      case PgConf.ServerRole.StandbyOf _, PgConf.ServerRole.Fenced _ ->
          switch (ControlData.read(tools.binaries(), tools.user(), settings.dataDir())) {
            case ControlData.Reading.Read(var control) ->
                PgConf.withStandbyLimits(parameters, control);
            case ControlData.Reading.Unreadable _ -> parameters;
          };
    };
  }

  private List<String> hba(DynamicSettings dynamic, boolean isNew) {
    if (!settings.pgHba().isEmpty()) {
      return settings.pgHba();
    }
    if (!dynamic.pgHba().isEmpty()) {
      return dynamic.pgHba();
    }
    if (!isNew) {
      return List.of();
    }
    if (!agent.bootstrap().pgHba().isEmpty()) {
      return agent.bootstrap().pgHba();
    }
    var hosts = new TreeSet<String>();
    agent.cluster().members().values().forEach(it -> hosts.add(it.host()));
    hosts.add(settings.connectAddress().host());
    return HbaDefaults.lines(settings, hosts);
  }

  private List<PgPass.Entry> passEntries() {
    var entries = new ArrayList<PgPass.Entry>();
    for (var role :
        List.of(
            settings.replication(),
            settings.rewind().orElse(settings.superuser()),
            settings.superuser())) {
      role.password()
          .ifPresent(it -> entries.add(new PgPass.Entry("*", "*", "*", role.username(), it)));
    }
    return entries;
  }
}
