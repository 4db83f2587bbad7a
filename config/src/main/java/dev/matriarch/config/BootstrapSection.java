package dev.matriarch.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code bootstrap}: how a new cluster is made. */
final class BootstrapSection {
  private static final Set<String> INITDB_OF_AGENT =
      Set.of("pgdata", "nosync", "pwfile", "sync-only", "version");

  private final BootstrapSettings settings;
  private final DynamicSettings dynamic;

  BootstrapSection(Section root, Findings findings) {
    var section = root.sectionOrEmpty("bootstrap");
    var dcs = section.sectionOrEmpty("dcs");
    var written = dcs.object();
    var reading = DynamicSettingsReader.read(written);
    var path = section.pathOf("dcs") + ".";
    reading.warnings().forEach(warning -> findings.warn(path + warning));
    reading.unused().forEach((key, why) -> findings.unused(path + key, why));
    dynamic = reading.settings();
    SynchronousKeys.problems(written).forEach(dcs::problem);
    if (written.containsKey("standby_cluster")) {
      dcs.problem(
          "standby_cluster",
          "Standby clusters are not supported yet; without it this cluster would get a primary"
              + " of its own. Remove the section if that is meant.");
    }
    settings =
        new BootstrapSettings(
            DynamicSettingsReader.withoutLocal(written),
            initdb(section, findings),
            section.lines("pg_hba"));
    method(section, findings);
    section.finish(NoEffect.BOOTSTRAP);
  }

  BootstrapSettings settings() {
    return settings;
  }

  DynamicSettings dynamic() {
    return dynamic;
  }

  private static List<String> initdb(Section section, Findings findings) {
    var result = new ArrayList<String>();
    section
        .options("initdb")
        .forEach((option, value) -> {
          if (INITDB_OF_AGENT.contains(option)) {
            findings.warn("bootstrap.initdb.%s is ignored: the agent sets it".formatted(option));
          } else {
            result.add(value.isEmpty() ? option : option + "=" + value);
          }
        });
    return List.copyOf(result);
  }

  /** A chosen method that is not run would leave an empty cluster in place of a restored one. */
  private static void method(Section section, Findings findings) {
    if (!section.text("method").orElse("initdb").equals("initdb")) {
      section.problem(
          "method",
          "Only initdb makes a new cluster so far. To start from a backup, restore it into"
              + " postgresql.data_dir of one member, remove 'method', and start that member"
              + " first.");
    }
    for (var key : section.keys()) {
      if (section.object().get(key) instanceof Map<?, ?> method && method.containsKey("command")) {
        section.mentions(key);
        findings.unused(section.pathOf(key), "only initdb makes a new cluster so far");
      }
    }
  }
}
