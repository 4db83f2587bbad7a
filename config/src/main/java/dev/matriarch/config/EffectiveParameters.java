package dev.matriarch.config;

import dev.matriarch.protocol.sync.SyncMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The PostgreSQL parameters of one member.
 *
 * <p>Later ones win: our defaults, the dynamic configuration, the member's own file. Parameters
 * that must be equal on all members, because a standby refuses to start with less than its primary,
 * come from the dynamic configuration alone, with Patroni's defaults and smallest values. {@code
 * synchronous_standby_names} is the user's in asynchronous mode only.
 */
public final class EffectiveParameters {
  private static final String WAL_KEEP_SEGMENTS = "wal_keep_segments";
  private static final String WAL_KEEP_SIZE = "wal_keep_size";
  private static final String SYNCHRONOUS_STANDBY_NAMES = "synchronous_standby_names";
  private static final String SYNCHRONOUS_COMMIT = "synchronous_commit";
  private static final int SEGMENT_MB = 16;

  /**
   * @param allowed what the text must be for PostgreSQL and us
   */
  private record Shared(
      String name, String otherwise, Predicate<String> allowed, String requirement) {
    static Shared atLeast(String name, long otherwise, long min) {
      return new Shared(
          name,
          Long.toString(otherwise),
          text -> Quantity.integer(text).filter(number -> number >= min).isPresent(),
          "a whole number of at least " + min);
    }

    static Shared flag(String name, boolean otherwise) {
      return new Shared(
          name, otherwise ? "on" : "off", text -> Quantity.truth(text).isPresent(), "on or off");
    }
  }

  private static final List<Shared> SHARED =
      List.of(
          new Shared(
              "wal_level",
              "replica",
              Set.of("hot_standby", "replica", "logical")::contains,
              "replica or logical"),
          Shared.atLeast("max_connections", 100, 25),
          Shared.atLeast("max_wal_senders", 10, 3),
          new Shared(
              WAL_KEEP_SIZE, "128MB", text -> megabytes(text) >= SEGMENT_MB, "at least 16MB"),
          Shared.atLeast("max_prepared_transactions", 0, 0),
          Shared.atLeast("max_locks_per_transaction", 64, 32),
          Shared.flag("track_commit_timestamp", false),
          Shared.atLeast("max_replication_slots", 10, 4),
          Shared.atLeast("max_worker_processes", 8, 2),
          Shared.flag("wal_log_hints", true));

  private static final Map<String, String> DEFAULTS =
      Map.of("wal_retrieve_retry_interval", "100ms");

  private final SortedMap<String, String> values = new TreeMap<>(DEFAULTS);
  private final List<String> warnings = new ArrayList<>();

  private EffectiveParameters(DynamicSettings dynamic, PostgresSettings local) {
    var cluster =
        ManagedParameters.kept("postgresql.parameters", dynamic.parameters(), warnings::add);
    var own = ManagedParameters.kept("postgresql.parameters", local.parameters(), warnings::add);
    values.putAll(cluster);
    values.putAll(own);
    values.remove(WAL_KEEP_SEGMENTS);
    keepSegments(cluster);
    if (dynamic.synchronous().mode() != SyncMode.OFF) {
      leaveToTheAgent(SYNCHRONOUS_STANDBY_NAMES);
      warnOfEarlyCommits();
    }
    for (var parameter : SHARED) {
      if (own.containsKey(parameter.name())) {
        warnOfLocal(parameter.name());
      }
      values.put(parameter.name(), value(parameter, cluster));
    }
    if (own.containsKey(WAL_KEEP_SEGMENTS)) {
      warnOfLocal(WAL_KEEP_SEGMENTS);
    }
    values.put("hot_standby", "on");
    values.put("listen_addresses", local.listenAddresses());
    values.put("port", Integer.toString(local.port()));
  }

  /** Everything that the agent writes for PostgreSQL, names in lower case; without replication. */
  public static SortedMap<String, String> of(
      DynamicSettings dynamic, PostgresSettings local, String scope) {
    var values = new EffectiveParameters(dynamic, local).values;
    values.put("cluster_name", scope);
    return values;
  }

  /** What of the user's values is not used, in sentences that begin with the path. */
  public static List<String> warnings(DynamicSettings dynamic, PostgresSettings local) {
    return List.copyOf(new EffectiveParameters(dynamic, local).warnings);
  }

  /** In asynchronous mode it is the user's, and gives no guarantee for a fail-over. */
  private void leaveToTheAgent(String name) {
    if (values.remove(name) != null) {
      warnings.add(
          "postgresql.parameters.%s is ignored: the agent writes it in synchronous mode"
              .formatted(name));
    }
  }

  /** The sessions' own choice, and so it is kept; as everybody's default it is surely a slip. */
  private void warnOfEarlyCommits() {
    var written = values.getOrDefault(SYNCHRONOUS_COMMIT, "on").strip().toLowerCase(Locale.ROOT);
    if (!written.equals("remote_apply") && !Quantity.truth(written).orElse(false)) {
      warnings.add(
          ("postgresql.parameters.%s is '%s': commits are acknowledged before a standby has them on"
                  + " disk, in spite of synchronous_mode; remove it, or write on or remote_apply")
              .formatted(SYNCHRONOUS_COMMIT, written));
    }
  }

  private String value(Shared parameter, Map<String, String> cluster) {
    var written = cluster.get(parameter.name());
    if (written == null) {
      return parameter.otherwise();
    }
    if (parameter.allowed().test(written.strip())) {
      return written.strip();
    }
    warnings.add(
        "postgresql.parameters.%s is '%s' in the dynamic configuration and must be %s: %s is used instead"
            .formatted(parameter.name(), written, parameter.requirement(), parameter.otherwise()));
    return parameter.otherwise();
  }

  /** PostgreSQL 13 replaced the number of segments by a size. */
  private static void keepSegments(SortedMap<String, String> cluster) {
    var segments = cluster.remove(WAL_KEEP_SEGMENTS);
    if (segments != null) {
      Quantity.integer(segments)
          .filter(number -> number > 0 && number < 1_000_000)
          .ifPresent(number -> cluster.putIfAbsent(WAL_KEEP_SIZE, number * SEGMENT_MB + "MB"));
    }
  }

  private void warnOfLocal(String name) {
    warnings.add(
        ("postgresql.parameters.%s has no effect in a member's file, because it must be equal on"
                + " all members: write it into the dynamic configuration,"
                + " bootstrap.dcs.postgresql.parameters")
            .formatted(name));
  }

  /** PostgreSQL takes a bare number for megabytes here. */
  private static long megabytes(String text) {
    return Quantity.integer(text)
        .or(() -> Quantity.bytes(text).map(bytes -> bytes >> 20))
        .orElse(-1L);
  }
}
