package dev.matriarch.multijvm;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a new cluster is told about itself, {@code bootstrap.dcs}. Values are YAML.
 *
 * @param dynamic without {@code postgresql}
 * @param parameters of PostgreSQL
 */
public record ClusterSettings(
    SortedMap<String, String> dynamic, SortedMap<String, String> parameters) {
  private static final String PARAMETER = "postgresql.parameters.";

  public ClusterSettings {
    dynamic = Collections.unmodifiableSortedMap(new TreeMap<>(dynamic));
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /** Nothing: the defaults of agent and PostgreSQL. */
  public static ClusterSettings defaults() {
    return new ClusterSettings(new TreeMap<>(), new TreeMap<>());
  }

  /**
   * Servers that need little memory and disk.
   *
   * @param lease the {@code ttl}, in whole seconds
   */
  public static ClusterSettings small(Duration lease) {
    return new ClusterSettings(
        new TreeMap<>(
            Map.of(
                "ttl", Long.toString(lease.toSeconds()),
                "loop_wait", "1",
                "maximum_lag_on_failover", Long.toString(NodeFile.LAG_MAX))),
        new TreeMap<>(
            Map.of(
                "max_connections", "30",
                "shared_buffers", "16MB",
                "wal_keep_size", "32MB",
                "max_wal_size", "64MB")));
  }

  /**
   * One key more, or another value of it.
   *
   * @param key of the dynamic configuration; {@code postgresql.parameters.NAME} for PostgreSQL's
   */
  public ClusterSettings with(String key, String value) {
    var changed = new TreeMap<>(key.startsWith(PARAMETER) ? parameters : dynamic);
    changed.put(key.startsWith(PARAMETER) ? key.substring(PARAMETER.length()) : key, value);
    return key.startsWith(PARAMETER)
        ? new ClusterSettings(dynamic, changed)
        : new ClusterSettings(changed, parameters);
  }

  /** YAML, not indented. */
  String text() {
    var text = new StringBuilder();
    dynamic.forEach((key, value) -> text.append("%s: %s%n".formatted(key, value)));
    text.append("postgresql:\n  use_pg_rewind: true\n");
    if (!parameters.isEmpty()) {
      text.append("  parameters:\n");
      parameters.forEach((name, value) -> text.append("    %s: %s%n".formatted(name, value)));
    }
    return text.toString();
  }
}
