package dev.matriarch.config;

import dev.matriarch.protocol.ha.WritePath.OnDiskFull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Gives the dynamic configuration its types.
 *
 * <p>It never fails: a value that cannot be used is corrected, and a warning says so. Names and
 * meanings are Patroni's, the ranges are wider ({@code ttl} from 2 s), and three defaults differ:
 *
 * <ul>
 *   <li>{@code ttl} 5 s and {@code loop_wait} 1 s, because no external store has to be spared;
 *   <li>{@code postgresql.use_pg_rewind} true, because {@code wal_log_hints} and checksums are on
 *       in every cluster made here, and copying everything again takes longer.
 * </ul>
 *
 * Our own are {@code heartbeat}, {@code suspicion}, {@code commit_timeout}, {@code on_disk_full}
 * and {@code disk_full_leads_at_least}.
 */
public final class DynamicSettingsReader {
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final Duration TTL_MIN = Duration.ofSeconds(2);
  private static final Duration LOOP_WAIT = Duration.ofSeconds(1);
  private static final Duration LOOP_WAIT_MIN = Duration.ofMillis(100);
  private static final Duration HEARTBEAT = Duration.ofMillis(100);
  private static final Duration HEARTBEAT_MIN = Duration.ofMillis(20);
  private static final Duration SUSPICION = Duration.ofMillis(500);
  private static final Duration PRIMARY_START_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration COMMIT_TIMEOUT_MIN = Duration.ofSeconds(1);
  private static final Duration DISK_FULL_LEADS_AT_LEAST = Duration.ofMinutes(10);

  /** A shorter one would let full members hand over to each other all the time. */
  private static final Duration DISK_FULL_LEADS_AT_LEAST_MIN = Duration.ofSeconds(10);

  private static final Duration MEMBER_SLOTS_TTL = Duration.ofMinutes(30);
  private static final long MAXIMUM_LAG_ON_FAILOVER_BYTES = 1_048_576;

  /** What a lease must last beyond four beats: a second for a slow disk or network. */
  private static final Duration TTL_RESERVE = Duration.ofSeconds(1);

  private static final String STOPS = "it is not supported yet; pg_ctl_timeout bounds a stop";
  private static final String NOT_YET = " has no effect yet: ";

  private static final Set<String> LOCAL =
      Set.of(
          "connect_address",
          "proxy_address",
          "listen",
          "config_dir",
          "data_dir",
          "pgpass",
          "authentication");

  private static final Map<String, String> UNUSED =
      Map.ofEntries(
          Map.entry("retry_timeout", "there is no external store to retry"),
          Map.entry("failsafe_mode", "there is no external store that could fail"),
          Map.entry("primary_stop_timeout", STOPS),
          Map.entry("master_stop_timeout", STOPS),
          Map.entry("primary_race_backoff", "the member with the most log is elected at once"),
          Map.entry("slots", "only the slots of members are kept so far"),
          Map.entry("permanent_slots", "only the slots of members are kept so far"),
          Map.entry("permanent_replication_slots", "only the slots of members are kept so far"),
          Map.entry("ignore_slots", "slots that are no member's are never dropped"),
          Map.entry("standby_cluster", "standby clusters are not supported yet"));

  private DynamicSettingsReader() {}

  /**
   * The typed configuration, and what was not used as written.
   *
   * @param warnings sentences that begin with the path of a key
   * @param unused paths of keys that have no effect, and why
   */
  public record Reading(
      DynamicSettings settings, List<String> warnings, Map<String, String> unused) {
    public Reading {
      warnings = List.copyOf(warnings);
      unused = Collections.unmodifiableMap(new LinkedHashMap<>(unused));
    }
  }

  /** Reads a configuration in JSON's types, as the cluster record keeps it. */
  public static Reading read(Map<String, Object> configuration) {
    var warnings = new ArrayList<String>();
    var unused = new LinkedHashMap<String, String>();
    var root = new DynamicValues("", configuration, warnings);
    var ttl = root.duration("ttl", TTL, TTL_MIN);
    var loopWait = root.duration("loop_wait", LOOP_WAIT, LOOP_WAIT_MIN);
    var heartbeat = heartbeat(root, ttl, warnings);
    var suspicion = suspicion(root, heartbeat);
    // The old name first, so that it is a known key even beside the new one.
    var startTimeout = root.duration("master_start_timeout", PRIMARY_START_TIMEOUT, Duration.ZERO);
    var postgresql = root.object("postgresql");
    var maxTimelinesHistory = root.integer("max_timelines_history", 0, 0);
    if (maxTimelinesHistory > 0) {
      warnings.add("max_timelines_history" + NOT_YET + "the history keeps its last 500 rows");
    }
    var checkTimeline = root.flag("check_timeline", false);
    if (checkTimeline) {
      warnings.add(
          "check_timeline" + NOT_YET + "candidates are compared by timeline and position anyway");
    }
    var pause = root.flag("pause", false);
    if (pause) {
      warnings.add(
          "pause" + NOT_YET + "the agent decides as without it; it is shown, and /liveness is 200");
    }
    var settings =
        new DynamicSettings(
            ttl,
            loopWait,
            heartbeat,
            suspicion,
            root.bytes("maximum_lag_on_failover", MAXIMUM_LAG_ON_FAILOVER_BYTES),
            SynchronousKeys.read(root, warnings),
            root.duration("primary_start_timeout", startTimeout, Duration.ZERO),
            commitTimeout(root),
            onDiskFull(root),
            root.duration(
                "disk_full_leads_at_least", DISK_FULL_LEADS_AT_LEAST, DISK_FULL_LEADS_AT_LEAST_MIN),
            root.duration("member_slots_ttl", MEMBER_SLOTS_TTL, Duration.ZERO),
            maxTimelinesHistory,
            checkTimeline,
            pause,
            postgresql.flag("use_pg_rewind", true),
            postgresql.flag("use_slots", true),
            parameters(postgresql, warnings),
            postgresql.lines("pg_hba"));
    postgresql.finish(unusedOfPostgres(), unused);
    root.finish(UNUSED, unused);
    return new Reading(settings, warnings, unused);
  }

  /**
   * Without what is only valid on one member, or secret: addresses, directories, passwords and what
   * the agent writes itself.
   */
  static Map<String, Object> withoutLocal(Map<String, Object> configuration) {
    var result = new LinkedHashMap<>(configuration);
    if (configuration.get("postgresql") instanceof Map<?, ?> section) {
      var kept = new LinkedHashMap<String, Object>();
      section.forEach((key, value) -> {
        var name = String.valueOf(key);
        if (name.equals("parameters") && value instanceof Map<?, ?> parameters) {
          kept.put(name, withoutManaged(parameters));
        } else if (!LOCAL.contains(name) && !name.equals("recovery_conf") && value != null) {
          kept.put(name, value);
        }
      });
      recovery(section, kept);
      result.put("postgresql", kept);
    }
    return result;
  }

  private static void recovery(Map<?, ?> section, Map<String, Object> kept) {
    if (section.get("recovery_conf") instanceof Map<?, ?> recovery) {
      var usable = new LinkedHashMap<String, Object>();
      recovery.forEach((key, value) -> {
        if (value != null && ManagedParameters.isOfRecovery(String.valueOf(key))) {
          usable.put(String.valueOf(key), value);
        }
      });
      kept.put("recovery_conf", usable);
    }
  }

  private static Map<String, Object> withoutManaged(Map<?, ?> parameters) {
    var kept = new LinkedHashMap<String, Object>();
    parameters.forEach((key, value) -> {
      var name = String.valueOf(key);
      var lower = name.toLowerCase(Locale.ROOT);
      if (value != null && ManagedParameters.reason(lower, String.valueOf(value)).isEmpty()) {
        kept.put(name, value);
      }
    });
    return kept;
  }

  private static Duration heartbeat(DynamicValues root, Duration ttl, List<String> warnings) {
    var heartbeat = root.duration("heartbeat", HEARTBEAT, HEARTBEAT_MIN);
    var max = ttl.minus(TTL_RESERVE).dividedBy(4);
    if (heartbeat.compareTo(max) <= 0) {
      return heartbeat;
    }
    warnings.add(
        "heartbeat is %s, too long for ttl %s, which must last four beats and a second: %s is used instead"
            .formatted(Quantity.shown(heartbeat), Quantity.shown(ttl), Quantity.shown(max)));
    return max;
  }

  /** Without a value of its own it follows the heartbeat, silently. */
  private static Duration suspicion(DynamicValues root, Duration heartbeat) {
    var min = heartbeat.multipliedBy(3);
    var otherwise = SUSPICION.compareTo(min) >= 0 ? SUSPICION : min;
    return root.duration("suspicion", otherwise, min);
  }

  /** Zero switches it off; a shorter one than a second would be reached by a busy disk. */
  private static Duration commitTimeout(DynamicValues root) {
    var written = root.duration("commit_timeout", COMMIT_TIMEOUT, Duration.ZERO);
    return written.isZero() ? written : root.atLeast(COMMIT_TIMEOUT_MIN, written, "commit_timeout");
  }

  private static OnDiskFull onDiskFull(DynamicValues root) {
    return root.read(
            "on_disk_full", "hand_over", "hand_over or stay", DynamicSettingsReader::onDiskFull)
        .orElse(OnDiskFull.HAND_OVER);
  }

  private static Optional<OnDiskFull> onDiskFull(Object json) {
    return switch (json.toString().strip().toLowerCase(Locale.ROOT)) {
      case "hand_over" -> Optional.of(OnDiskFull.HAND_OVER);
      case "stay" -> Optional.of(OnDiskFull.STAY);
      default -> Optional.empty();
    };
  }

  private static SortedMap<String, String> parameters(
      DynamicValues postgresql, List<String> warnings) {
    var all = new TreeMap<String, String>();
    postgresql
        .object("recovery_conf")
        .parameters()
        .forEach((name, value) -> {
          if (ManagedParameters.isOfRecovery(name)) {
            all.put(name, value);
          } else {
            warnings.add(
                "postgresql.recovery_conf.%s is ignored: the agent decides it".formatted(name));
          }
        });
    var section = postgresql.object("parameters");
    all.putAll(section.parameters());
    return ManagedParameters.kept("postgresql.parameters", all, warnings::add);
  }

  private static Map<String, String> unusedOfPostgres() {
    var keys = new HashMap<>(NoEffect.POSTGRESQL);
    keys.keySet().removeAll(Set.of("use_slots"));
    for (var key : Set.of("pg_ident", "basebackup", "pg_ctl_timeout", "bin_dir")) {
      keys.put(key, "it is only read from each member's own file, 'postgresql' there");
    }
    keys.put("use_unix_socket", NoEffect.TCP_ONLY);
    for (var key : LOCAL) {
      keys.put(key, "it belongs to one member: write it into that member's file");
    }
    return keys;
  }
}
