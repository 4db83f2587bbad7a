package dev.matriarch.config;

import dev.matriarch.config.SettingsResult.Invalid;
import dev.matriarch.config.SettingsResult.Loaded;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.sync.IncarnationName;
import dev.matriarch.protocol.sync.SyncMode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads an agent's YAML file: Patroni's keys, and {@code cluster} for the agents among themselves.
 *
 * <p>A file is refused with all its problems at once. Keys without an effect, and values that are
 * used otherwise than written, are warnings. Passwords are in neither.
 */
public final class SettingsLoader {
  private static final String NAME =
      "Write this member's name, unique in the cluster and the same after every restart.";

  private static final String STANDBY =
      "This cannot be the name of a synchronous standby in PostgreSQL. Write at most %d printable ASCII characters, or set synchronous_mode to off."
          .formatted(IncarnationName.NODE_MAX);

  private SettingsLoader() {}

  public static SettingsResult load(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      return unreadable("There is no file %s: check the path.".formatted(file));
    } catch (CharacterCodingException e) {
      return unreadable("%s is not a text in UTF-8: save it in this encoding.".formatted(file));
    } catch (IOException e) {
      return unreadable(
          Files.isDirectory(file)
              ? "%s is a directory: name one file in it.".formatted(file)
              : "%s cannot be read: check its permissions for this user.".formatted(file));
    }
  }

  /** As {@link #load}, for the text of a file. */
  public static SettingsResult parse(String yaml) {
    var findings = new Findings();
    var root = YamlDocument.parse(yaml, findings);
    var settings = root.flatMap(m -> settings(new Section("", m, findings), findings));
    return settings
        .<SettingsResult>map(found -> new Loaded(found, findings.warnings()))
        .orElseGet(() -> new Invalid(findings.problems()));
  }

  private static SettingsResult unreadable(String sentence) {
    return new Invalid(List.of(new Problem("", "", sentence, 0)));
  }

  private static Optional<AgentSettings> settings(Section root, Findings findings) {
    var name =
        root.required("name", NAME)
            .filter(text -> text.chars().noneMatch(Character::isISOControl))
            .map(NodeId::new);
    if (root.value("name").isPresent() && name.isEmpty()) {
      root.problem("name", NAME);
    }
    var scope =
        root.required("scope", "Write the cluster's name, the same in every member's file.");
    var restApi = new RestApiSection(root, findings);
    var postgres = root.section("postgresql").map(s -> new PostgresSection(s, findings));
    if (root.mentions("postgresql") && root.value("postgresql").isEmpty()) {
      root.missing(
          "postgresql",
          "Write the section, or remove the key if this member is a witness without PostgreSQL.");
    }
    var cluster = new ClusterSection(root, name, restApi.connectAddress, postgres);
    var bootstrap = new BootstrapSection(root, findings);
    var tags = TagsSection.read(root, findings);
    var watchdog = WatchdogSection.read(root, findings);
    var log = LogSection.read(root);
    root.finish(NoEffect.ROOT);
    new AddressRules(restApi, postgres, cluster, findings).check();
    if (postgres.isPresent() && bootstrap.dynamic().synchronous().mode() != SyncMode.OFF) {
      name.filter(it -> !IncarnationName.canName(it)).ifPresent(_ -> root.problem("name", STANDBY));
    }
    if (findings.hasProblems()) {
      return Optional.empty();
    }
    var members = cluster.settings();
    var postgresql = postgres.map(section -> section.settings(members.dataDir()));
    postgresql.ifPresent(
        local -> EffectiveParameters.warnings(bootstrap.dynamic(), local).forEach(findings::warn));
    return Optional.of(
        new AgentSettings(
            name.orElseThrow(),
            scope.orElseThrow(),
            members,
            restApi.settings(),
            postgresql,
            bootstrap.settings(),
            tags,
            watchdog,
            log,
            findings.unused()));
  }
}
