package dev.matriarch.actors.postgres;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A postmaster that is to be started below a guardian.
 *
 * @param argv the server program and its arguments
 * @param environment added to what the server gets of the agent's
 * @param firstDeadlineBootMillis the end of the lease, by {@link HostClock}, when it may become a
 *     primary; empty for a standby
 */
public record PostmasterLaunch(
    GuardianHome home,
    OsUser user,
    List<String> argv,
    Map<String, String> environment,
    Optional<Long> firstDeadlineBootMillis) {

  /** What the guardian runs: the program, as the right user. */
  List<String> command() {
    return PgCommand.asUser(user.switchTo(), argv);
  }

  /**
   * The environment of the server: the agent's, without what is for the agent alone. Scripts that
   * the server runs (archive_command) get to see it, so secrets of the agent must not be in it.
   */
  Map<String, String> wholeEnvironment(Map<String, String> agent) {
    var whole = new TreeMap<>(agent);
    whole
        .keySet()
        .removeIf(name ->
            name.startsWith("MATRIARCH_")
                || name.startsWith("PATRONI_")
                || name.startsWith("WATCHDOG_")
                || name.startsWith("LISTEN_")
                || List.of("NOTIFY_SOCKET", "PGPASSWORD", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS")
                    .contains(name));
    user.switchTo()
        .ifPresent(name -> {
          whole.put("USER", name);
          whole.put("LOGNAME", name);
          whole.put("HOME", user.home().orElse(Path.of("/")).toString());
        });
    whole.putAll(environment);
    return whole;
  }
}
