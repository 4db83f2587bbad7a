package dev.matriarch.config;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** PostgreSQL parameters that the agent sets itself, or that cannot be passed on. */
final class ManagedParameters {
  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_$]*(\\.[a-z_][a-z0-9_$]*)*");

  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry("listen_addresses", "it comes from postgresql.listen"),
          Map.entry("port", "it comes from postgresql.listen"),
          Map.entry("cluster_name", "it is the scope"),
          Map.entry("hot_standby", "it is always on"),
          Map.entry("primary_conninfo", "the agent writes it"),
          Map.entry("primary_slot_name", "the agent writes it"),
          Map.entry("standby_mode", "the agent writes standby.signal"),
          Map.entry("promote_trigger_file", "only the agent promotes"),
          Map.entry("trigger_file", "only the agent promotes"),
          Map.entry("data_directory", "it comes from postgresql.data_dir"),
          Map.entry("config_file", "the agent writes postgresql.conf in the data directory"),
          Map.entry("include", "write the parameters themselves"),
          Map.entry("include_dir", "write the parameters themselves"),
          Map.entry("include_if_exists", "write the parameters themselves"));

  private static final Set<String> KEPT_OF_RECOVERY =
      Set.of(
          "restore_command",
          "archive_cleanup_command",
          "recovery_end_command",
          "recovery_min_apply_delay");

  private ManagedParameters() {}

  /**
   * Why a user's value is not used; empty if it is.
   *
   * @param name in lower case
   */
  static Optional<String> reason(String name, String value) {
    if (name.equals("hot_standby") && Quantity.truth(value).orElse(false)) {
      return Optional.empty();
    }
    if (name.startsWith("recovery_target")) {
      return Optional.of("a member always follows the newest timeline to its end");
    }
    return NAME.matcher(name).matches()
        ? Optional.ofNullable(REASONS.get(name))
        : Optional.of("it is not the name of a parameter");
  }

  /** Without the managed ones, of which the consumer hears in sentences. */
  static SortedMap<String, String> kept(
      String path, Map<String, String> parameters, Consumer<String> warnings) {
    var kept = new TreeMap<String, String>();
    parameters.forEach((name, value) ->
        reason(name, value)
            .ifPresentOrElse(
                why -> warnings.accept("%s.%s is ignored: %s".formatted(path, name, why)),
                () -> kept.put(name, value)));
    return kept;
  }

  /** What of the old recovery.conf counts as a parameter today. */
  static boolean isOfRecovery(String name) {
    return KEPT_OF_RECOVERY.contains(name);
  }
}
