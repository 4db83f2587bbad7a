package dev.matriarch.config;

import dev.matriarch.protocol.sync.SyncMode;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * The keys of synchronous replication in the dynamic configuration; names and meanings are
 * Patroni's, and so is the default, off.
 */
public final class SynchronousKeys {
  private static final String MODE = "synchronous_mode";
  private static final String STRICT = "synchronous_mode_strict";
  private static final String NODE_COUNT = "synchronous_node_count";
  private static final String LAG = "maximum_lag_on_syncnode";

  private static final List<Key> KEYS =
      List.of(
          new Key(
              MODE,
              value -> mode(value).isPresent(),
              "Write off, on or quorum (false and true mean off and on)."),
          new Key(
              STRICT,
              value -> Quantity.truth(value).isPresent(),
              "Write true or false (on, off, yes and no do as well)."),
          new Key(
              NODE_COUNT,
              value -> Quantity.integer(value).filter(count -> count >= 1).isPresent(),
              "Write on how many standbys a commit shall be: a whole number of at least 1."),
          new Key(
              LAG,
              value -> Quantity.bytes(value).filter(bytes -> bytes >= -1).isPresent(),
              "Write a size, with or without a unit, '16MB', or -1 for no limit."));

  private record Key(String name, Predicate<Object> usable, String allowed) {}

  private SynchronousKeys() {}

  /** What a dynamic configuration, in JSON's types, says of synchronous replication. */
  public static SyncPolicy policy(Map<String, Object> configuration) {
    var warnings = new ArrayList<String>();
    return read(new DynamicValues("", configuration, warnings), warnings);
  }

  /**
   * What cannot be used is replaced with a warning: a mode by the one that loses nothing, for
   * whoever wrote one meant commits to wait; the rest by the defaults.
   */
  static SyncPolicy read(DynamicValues root, List<String> warnings) {
    var written = root.value(MODE);
    var mode = written.flatMap(SynchronousKeys::mode);
    if (written.isPresent() && mode.isEmpty()) {
      warnings.add(MODE + " is not off, on or quorum: quorum is used instead, the safe one");
    }
    var lag = root.read(LAG, "no limit", "a size", Quantity::bytes).filter(bytes -> bytes > 0);
    return new SyncPolicy(
        mode.orElse(written.isPresent() ? SyncMode.QUORUM : SyncMode.OFF),
        root.flag(STRICT, false),
        root.integer(NODE_COUNT, 1, 1),
        lag.map(OptionalLong::of).orElseGet(OptionalLong::empty),
        SyncPolicy.PATIENCE);
  }

  /**
   * The keys of a file whose values cannot be used, and what to write. A slip in one of these could
   * cost acknowledged commits, so nothing is guessed where somebody can still correct it.
   */
  static SequencedMap<String, String> problems(Map<String, Object> written) {
    var problems = new LinkedHashMap<String, String>();
    for (var key : KEYS) {
      Optional.ofNullable(written.get(key.name()))
          .filter(value -> !key.usable().test(value))
          .ifPresent(_ -> problems.put(key.name(), key.allowed()));
    }
    return problems;
  }

  private static Optional<SyncMode> mode(Object json) {
    if (json.toString().strip().toLowerCase(Locale.ROOT).equals("quorum")) {
      return Optional.of(SyncMode.QUORUM);
    }
    return Quantity.truth(json).map(on -> on ? SyncMode.PRIORITY : SyncMode.OFF);
  }
}
