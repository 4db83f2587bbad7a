package dev.matriarch.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One object of the dynamic configuration, read key by key. What cannot be used is replaced with a
 * warning: a running cluster never stops over its configuration.
 */
final class DynamicValues {
  private final String path;
  private final Map<?, ?> values;
  private final List<String> warnings;
  private final Set<String> known = new LinkedHashSet<>();

  DynamicValues(String path, Map<?, ?> values, List<String> warnings) {
    this.path = path;
    this.values = values;
    this.warnings = warnings;
  }

  String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  Optional<Object> value(String key) {
    known.add(key);
    return Optional.ofNullable(values.get(key));
  }

  Duration duration(String key, Duration otherwise, Duration min) {
    return atLeast(
        min,
        read(key, Quantity.shown(otherwise), "a time", Quantity::duration).orElse(otherwise),
        key);
  }

  /** Raises a value that is too small. */
  Duration atLeast(Duration min, Duration value, String key) {
    if (value.compareTo(min) >= 0) {
      return value;
    }
    warnings.add(
        "%s is %s, and the smallest that can be used is %s: this is used instead"
            .formatted(pathOf(key), Quantity.shown(value), Quantity.shown(min)));
    return min;
  }

  long bytes(String key, long otherwise) {
    return atLeast(
        0, read(key, otherwise + " bytes", "a size", Quantity::bytes).orElse(otherwise), key);
  }

  int integer(String key, int otherwise, int min) {
    var number =
        read(key, Integer.toString(otherwise), "a whole number", Quantity::integer)
            .orElse((long) otherwise);
    return (int) Math.min(Integer.MAX_VALUE, atLeast(min, number, key));
  }

  boolean flag(String key, boolean otherwise) {
    return read(key, Boolean.toString(otherwise), "true or false", Quantity::truth)
        .orElse(otherwise);
  }

  List<String> lines(String key) {
    var value = value(key);
    if (value.isPresent() && !(value.get() instanceof List)) {
      warnings.add("%s is ignored: it must be a list of lines".formatted(pathOf(key)));
    }
    var result = new ArrayList<String>();
    if (value.orElse(List.of()) instanceof List<?> items) {
      items.stream().filter(String.class::isInstance).forEach(line -> result.add((String) line));
    }
    return List.copyOf(result);
  }

  DynamicValues object(String key) {
    var value = value(key);
    if (value.isPresent() && !(value.get() instanceof Map)) {
      warnings.add("%s is ignored: it must be a section with keys".formatted(pathOf(key)));
    }
    var below = value.orElse(Map.of()) instanceof Map<?, ?> map ? map : Map.of();
    return new DynamicValues(pathOf(key), below, warnings);
  }

  /** All values as PostgreSQL takes them, names in lower case. */
  Map<String, String> parameters() {
    var result = new LinkedHashMap<String, String>();
    values.forEach((name, value) -> {
      var text = Optional.ofNullable(value).flatMap(Quantity::parameter);
      if (value != null && text.isEmpty()) {
        warnings.add("%s is ignored: it must be one value".formatted(pathOf(name.toString())));
      }
      text.ifPresent(t -> result.put(name.toString().toLowerCase(Locale.ROOT), t));
    });
    return result;
  }

  /** Names the keys that nobody asked for. */
  void finish(Map<String, String> withoutEffect, Map<String, String> unused) {
    for (var entry : values.entrySet()) {
      var key = String.valueOf(entry.getKey());
      if (known.contains(key) || entry.getValue() == null) {
        continue;
      }
      if (withoutEffect.containsKey(key)) {
        unused.put(pathOf(key), withoutEffect.get(key));
      } else {
        var all = new LinkedHashSet<>(known);
        all.addAll(withoutEffect.keySet());
        warnings.add(
            "%s is not a known key and has no effect. %s"
                .formatted(
                    pathOf(key),
                    NearestKey.of(key, all)
                        .map("Did you mean '%s'?"::formatted)
                        .orElse("Remove it.")));
      }
    }
  }

  private long atLeast(long min, long value, String key) {
    if (value < min) {
      warnings.add(
          "%s is %d, and the smallest that can be used is %d: this is used instead"
              .formatted(pathOf(key), value, min));
    }
    return Math.max(min, value);
  }

  /** Empty, with a warning that names the default, if the value is of another kind. */
  <T> Optional<T> read(
      String key, String otherwise, String kind, Function<Object, Optional<T>> reader) {
    var value = value(key);
    var result = value.flatMap(reader);
    if (value.isPresent() && result.isEmpty()) {
      warnings.add(
          "%s is not %s: the default, %s, is used instead".formatted(pathOf(key), kind, otherwise));
    }
    return result;
  }
}
